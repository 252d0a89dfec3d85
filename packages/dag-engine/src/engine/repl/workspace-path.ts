import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/**
 * Resolves a path that a person typed against the workspace, following symbolic links; undefined when it
 * leads outside. The last parts of it need not exist.
 */
export async function resolveInWorkspace(workspaceRoot: string, path: string): Promise<string | undefined> {
  if (path.includes('\0')) return undefined;
  const root = await realpath(workspaceRoot);
  const target = await realpathOfExisting(resolve(root, path));
  const inside = relative(root, target);
  return inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) ? undefined : target;
}

async function realpathOfExisting(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    return join(await realpathOfExisting(parent), basename(path));
  }
}
