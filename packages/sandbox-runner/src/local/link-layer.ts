import { lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { SCRATCH_FOLDERS } from '../dependencies/layer-format.ts';

/**
 * Makes a node_modules of links into a shared layer, where it cannot be mounted. Tools then write
 * their caches to folders of this sandbox. Packages of the checkout itself stay links into it.
 */
export async function linkLayer(layer: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const name of await readdir(layer)) {
    if (SCRATCH_FOLDERS.includes(name)) await mkdir(join(target, name), { recursive: true });
    else if (name.startsWith('@')) await linkScope(layer, name, target);
    else await linkEntry(layer, name, target);
  }
}

async function linkScope(layer: string, scope: string, target: string): Promise<void> {
  await mkdir(join(target, scope), { recursive: true });
  for (const name of await readdir(join(layer, scope))) await linkEntry(layer, join(scope, name), target);
}

async function linkEntry(layer: string, name: string, target: string): Promise<void> {
  const entry = join(layer, name);
  const stats = await lstat(entry);
  const link = stats.isSymbolicLink() ? await readlink(entry) : undefined;
  const leavesLayer = link !== undefined && relative(layer, resolve(dirname(entry), link)).startsWith('..');
  await symlink(leavesLayer ? link : entry, join(target, name));
}
