import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { resolveLinks } from '../tools/filesystem/resolve-links.ts';
import { namesBelow } from '../tools/names-below.ts';

/** A place in the workspace; nothing need be there. */
export interface WorkspacePlace {
  /** Absolute, symbolic links followed. */
  readonly path: string;
  /** The same below the workspace as it is configured, which is how tools name it. */
  readonly knownAs: string;
}

/**
 * Resolves a path that a person typed against the workspace, following symbolic links, also those that lead to
 * nothing yet; undefined when it leads outside.
 */
export async function resolveInWorkspace(
  workspaceRoot: string,
  path: string,
): Promise<WorkspacePlace | undefined> {
  if (path.includes('\0')) return undefined;
  const root = await realpath(workspaceRoot);
  const target = await resolveLinks(resolve(root, path));
  const names = namesBelow(root, target);
  return names === null ? undefined : { path: target, knownAs: join(workspaceRoot, ...names) };
}
