import type { CommitSha } from '@agentswarm/core';
import type { HostGit } from '../commits/host-git.ts';

/**
 * A checkout of its own takes some 80 microseconds a file, so from here on longer than all the rest of a
 * new sandbox; below, it does not pay to have folders that cannot be renamed.
 */
const BIG_TREE_FILES = 2_000;
const MAX_REMEMBERED = 1_000;

/** Counts the files of a commit, no further than needed. */
export type IsBigTree = (
  repository: string,
  commit: CommitSha,
  options: { readonly signal?: AbortSignal },
) => Promise<boolean>;

/** Counts once per commit. */
export function createBigTreeCheck(git: HostGit): IsBigTree {
  const known = new Map<CommitSha, boolean>();
  return async (repository, commit, options) => {
    const found = known.get(commit);
    if (found !== undefined) return found;
    const list = ['-C', repository, 'ls-tree', '-r', '--name-only', commit];
    const listed = await git.try(list, { ...options, maxLines: BIG_TREE_FILES });
    const isBig = listed.stdout.split('\n').length >= BIG_TREE_FILES;
    // What could not be counted is no big tree, and said by the checkout that follows.
    if (known.size >= MAX_REMEMBERED) known.clear();
    if (listed.ok || isBig) known.set(commit, isBig);
    return isBig;
  };
}
