import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ToolError } from '../errors.ts';
import { namesBelow } from '../names-below.ts';
import type { ToolContext } from '../tool-ports.ts';
import { resolveLinks } from './resolve-links.ts';

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
  const names = namesBelow(realRoot, await resolveLinks(wanted));
  if (names === null) throw escape(input, 'the root');
  return {
    realRoot,
    names,
    path: join(root, ...names),
    relativePath: names.length === 0 ? '.' : names.join('/'),
  };
}

function escape(path: string, area: string): ToolError {
  return new ToolError('TOOL_PATH_ESCAPE', `"${path}" leads outside ${area}`);
}
