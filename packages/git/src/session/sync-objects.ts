import { closeSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { CommitSha } from '@agentswarm/core';
import { runGit } from '../run-git.ts';

/**
 * Makes the loose objects durable that a commit brings: git itself leaves loose objects to the system's
 * own time, and a ref must not survive a power cut that its objects do not.
 */
export async function syncNewObjects(options: {
  readonly gitDir: string;
  readonly objectsDir: string;
  readonly from: CommitSha | null;
  readonly to: CommitSha;
}): Promise<void> {
  const { gitDir, objectsDir, from, to } = options;
  const range = from === null ? [to] : [to, `^${from}`];
  const listing = await runGit({ gitDir, args: ['rev-list', '--objects', '--no-object-names', ...range] });
  const folders = new Set<string>();
  for (const name of listing.stdout.toString('latin1').split('\n').filter(Boolean)) {
    const folder = join(objectsDir, name.slice(0, 2));
    if (syncFile(join(folder, name.slice(2)))) folders.add(folder);
  }
  for (const folder of folders) syncFile(folder);
}

/** False for what is not there: an object in a pack is durable already. */
function syncFile(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return true;
}
