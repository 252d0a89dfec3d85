import { lstat, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ToolError } from '../errors.ts';
import { errnoOf } from './system-failure.ts';

/** As Linux allows. */
const MAX_LINKS = 40;

/** `realpath` for absolute paths whose end, or whose links' ends, may not exist yet. */
export async function resolveLinks(path: string, links = 0): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  const target = await linkTarget(path);
  if (target === null) return join(await resolveLinks(dirname(path), links), basename(path));
  if (links === MAX_LINKS) throw new ToolError('TOOL_FAILED', `too many symlinks at "${path}"`);
  return resolveLinks(resolve(dirname(path), target), links + 1);
}

async function linkTarget(path: string): Promise<string | null> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : null;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
