import type { Stats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { CliError } from '../errors.ts';

/** Where a file may be written. */
export interface Output {
  /** As typed. */
  readonly named: string;
  /** Absolute, its folders without symbolic links. */
  readonly path: string;
  /** Permissions of the file to replace; undefined when there is none. */
  readonly mode: number | undefined;
}

/**
 * Checks where a file is to be written: below the directory, by its name and in truth, in a folder that exists.
 *
 * @throws {CliError} CLI_OUTPUT_REFUSED; CLI_OUTPUT_EXISTS for an existing file unless `force`.
 */
export async function locateOutput(
  directory: string,
  named: string,
  { force }: { readonly force: boolean },
): Promise<Output> {
  const asNamed = checkName(directory, named);
  const root = await realpath(directory);
  const folder = await realFolder(resolve(root, dirname(asNamed)), named);
  if (!isInside(relative(root, folder))) throw refused(named, `lies outside ${directory}, behind a link`);
  if (isOfGit(relative(root, folder)))
    throw refused(named, 'lies in the folder of a git repository, behind a link');
  const path = join(folder, basename(asNamed));
  const found = await statIfExists(path);
  if (found === undefined) return { named, path, mode: undefined };
  if (found.isDirectory()) throw refused(named, 'is a directory');
  if (!found.isFile()) throw refused(named, 'is no regular file');
  if (!force) throw new CliError('CLI_OUTPUT_EXISTS', `${named} exists`, { details: { path } });
  return { named, path, mode: found.mode & 0o777 };
}

/** The path below the directory that a name means. */
function checkName(directory: string, named: string): string {
  if (named.includes('\0')) throw refused(named, 'holds a character no path may hold');
  const asNamed = relative(directory, resolve(directory, named));
  if (asNamed === '' || named.endsWith('/') || named.endsWith(sep)) throw refused(named, 'is a directory');
  if (!isInside(asNamed)) throw refused(named, `lies outside ${directory}`);
  if (isOfGit(asNamed)) throw refused(named, 'lies in the folder of a git repository');
  return asNamed;
}

/** Git would run what is written there. */
function isOfGit(path: string): boolean {
  return path.toLowerCase().split(sep).includes('.git');
}

function isInside(path: string): boolean {
  return !isAbsolute(path) && path.split(sep)[0] !== '..';
}

async function realFolder(path: string, named: string): Promise<string> {
  try {
    const real = await realpath(path);
    if ((await lstat(real)).isDirectory()) return real;
  } catch (error) {
    throw refused(named, 'lies in a folder that does not exist', error);
  }
  throw refused(named, 'lies below something that is no folder');
}

async function statIfExists(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function refused(named: string, why: string, cause?: unknown): CliError {
  return new CliError('CLI_OUTPUT_REFUSED', `cannot write "${named}": it ${why}`, {
    cause,
    details: { path: named },
  });
}
