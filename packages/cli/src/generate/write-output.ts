import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../errors.ts';
import type { Output } from './locate-output.ts';

/**
 * Writes a file at once or not at all. What appeared at the path meanwhile is kept, unless `replace`.
 *
 * @throws {CliError} CLI_OUTPUT_EXISTS.
 */
export async function writeOutput(
  { named, path, mode }: Output,
  content: string,
  how: { readonly replace: boolean; readonly token: string },
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${how.token.slice(0, 16)}.tmp`);
  await using file = await open(temporary, 'wx', 0o666);
  try {
    if (mode !== undefined) await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
    if (how.replace) await rename(temporary, path);
    else await linkNew(temporary, { named, path });
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A second name, and the first is removed after: unlike a rename it fails where a file is. */
async function linkNew(temporary: string, { named, path }: Pick<Output, 'named' | 'path'>): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new CliError('CLI_OUTPUT_EXISTS', `${named} was written by somebody else meanwhile`, {
      cause: error,
      details: { path },
    });
  }
}
