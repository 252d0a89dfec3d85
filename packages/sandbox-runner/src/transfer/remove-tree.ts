import { randomUUID } from 'node:crypto';
import { chmod, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../errors.ts';

/** What whoever filled a folder can put in the way of its removal. */
const OBSTACLES = ['EACCES', 'EPERM', 'ENOTEMPTY', 'ENAMETOOLONG'];
/** Each round takes this much of the depth of a tree, which is bounded by the disk only. */
const MAX_LENGTH = 2_000;
const MAX_ROUNDS = 10_000;

/**
 * Removes a folder, also when its content was made unwritable, or deeper than a path may be long. Links
 * are removed, never followed. Contract: nobody changes it meanwhile.
 */
export async function removeTree(folder: string): Promise<void> {
  for (let round = 0; ; round++) {
    try {
      return await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      if (!OBSTACLES.includes(errnoOf(error) ?? '') || round === MAX_ROUNDS) throw error;
      await clearTheWay(folder, folder);
    }
  }
}

/** Makes folders writable, and moves those that lie too deep to the top. */
async function clearTheWay(top: string, folder: string): Promise<void> {
  try {
    await chmod(folder, 0o700);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (!entry.isDirectory()) continue;
      if (path.length - top.length < MAX_LENGTH) await clearTheWay(top, path);
      else await moveUp(path, top);
    }
  } catch (error) {
    // A removal that failed in one place may still go on in others.
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

async function moveUp(folder: string, top: string): Promise<void> {
  await chmod(folder, 0o700);
  await rename(folder, join(top, `deep-${randomUUID()}`));
}
