import type { CommitSha } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';
import type { HostGit } from './host-git.ts';

/** Larger than any work tree we know of, and still something that a disk holds. */
const MAX_CHECKOUT_BYTES = 16 * 1024 ** 3;
const MAX_FILES = 1_000_000;

/**
 * Sees to it that a commit can be checked out: a few small objects can describe trees of any size, and
 * the host checks out what sandboxes hand in.
 *
 * @throws {SandboxError} COMMITS_INVALID
 */
export async function requireBoundedTree(git: HostGit, repository: string, commit: CommitSha): Promise<void> {
  const list = await git.try(['-C', repository, 'ls-tree', '-r', '--object-only', commit], {
    maxLines: MAX_FILES,
  });
  if (!list.ok) throw tooLarge(commit, 'has too many files, or cannot be listed');
  const uses = new Map<string, number>();
  for (const object of list.stdout.split('\n')) uses.set(object, (uses.get(object) ?? 0) + 1);
  const sizes = await git.run(['-C', repository, 'cat-file', '--batch-check=%(objectname)=%(objectsize)'], {
    input: [...uses.keys()].join('\n'),
  });
  const bytes = sizes
    .split('\n')
    .map((line) => line.split('='))
    // What is missing is a submodule, and has no size here.
    .reduce((sum, [object = '', size = '0']) => sum + Number(size) * (uses.get(object) ?? 0), 0);
  if (bytes > MAX_CHECKOUT_BYTES) throw tooLarge(commit, `is ${bytes} bytes large when checked out`);
}

function tooLarge(commit: CommitSha, why: string): SandboxError {
  return new SandboxError('COMMITS_INVALID', `${commit} was refused: it ${why}`);
}
