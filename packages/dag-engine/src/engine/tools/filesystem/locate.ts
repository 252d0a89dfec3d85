import { lstat, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ToolError } from '../errors.ts';
import { namesBelow } from '../names-below.ts';
import type { ToolContext } from '../tool-ports.ts';
import { errnoOf } from './system-failure.ts';

/** Where a path leads: names below the real root, none of them `..` or, when this was found, a symlink. */
export interface Location {
  readonly realRoot: string;
  /** Empty for the root itself. */
  readonly names: readonly string[];
  /** As callers know it: below the root as configured. */
  readonly path: string;
  /** From the root, with slashes; `.` for the root itself. */
  readonly relativePath: string;
}

/** As Linux allows. */
const MAX_LINKS = 40;

/**
 * Resolves a path of a tool call against the tool's root, following symlinks; what does not exist yet is resolved as
 * far as it does. A path that leads outside the root, or a root outside the workspace, is TOOL_PATH_ESCAPE. Things can
 * change afterwards: whoever opens the place must follow no symlink ({@link openDirectory}).
 */
export async function locate(input: string, { root, workspaceRoot }: ToolContext): Promise<Location> {
  if (input.includes('\0')) throw new ToolError('TOOL_PATH_ESCAPE', 'a path cannot contain a NUL byte');
  const realRoot = await realpath(root);
  if (namesBelow(await realpath(workspaceRoot), realRoot) === null) throw escape(root, 'the workspace');
  const wanted = resolve(root, input);
  if (namesBelow(root, wanted) === null && namesBelow(realRoot, wanted) === null)
    throw escape(input, 'the root');
  const names = namesBelow(realRoot, await resolveLinks(wanted, 0));
  if (names === null) throw escape(input, 'the root');
  return {
    realRoot,
    names,
    path: join(root, ...names),
    relativePath: names.length === 0 ? '.' : names.join('/'),
  };
}

/** `realpath` for paths whose end, or whose links' ends, may not exist yet. */
async function resolveLinks(path: string, links: number): Promise<string> {
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

function escape(path: string, area: string): ToolError {
  return new ToolError('TOOL_PATH_ESCAPE', `"${path}" leads outside ${area}`);
}
