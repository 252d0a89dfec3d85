import { SandboxError } from '../errors.ts';
import type { HostGit } from './host-git.ts';

/** Commits, folders and tags are read as a whole, by every git that meets them later. */
const MAX_KEPT_WHOLE_BYTES = 64 * 1024 ** 2;
const MAX_ALL_BYTES = 16 * 1024 ** 3;

/**
 * Sees to it that loose objects can be read: their files are small, whatever they say their size is. Those
 * in packs are bounded when the packs are indexed.
 *
 * @throws {SandboxError} COMMITS_INVALID
 */
export async function requireBoundedObjects(
  git: HostGit,
  repository: string,
  objects: readonly string[],
): Promise<void> {
  if (objects.length === 0) return;
  const told = await git.try(
    ['-C', repository, 'cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'],
    { input: objects.join('\n') },
  );
  if (!told.ok) throw refused(`its objects cannot be read: ${told.failure}`);
  let allBytes = 0;
  for (const line of told.stdout.split('\n').filter(Boolean)) {
    const [object, type, size] = line.split(' ');
    allBytes += Number(size ?? 0);
    if (type === 'blob' || Number(size ?? 0) <= MAX_KEPT_WHOLE_BYTES) continue;
    throw refused(`the ${type} ${object} is ${size} bytes large`);
  }
  if (allBytes > MAX_ALL_BYTES) throw refused(`its objects are ${allBytes} bytes large`);
}

function refused(why: string): SandboxError {
  return new SandboxError('COMMITS_INVALID', `the intake was refused: ${why}`);
}
