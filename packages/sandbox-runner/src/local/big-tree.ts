import type { CommitSha } from '@agentswarm/core';
import type { HostGit } from './host-git.ts';

/**
 * From here on a checkout of its own takes longer than mounting an overlay for each command of an
 * attempt and bringing a kept tree to its commit (bench/sandboxes.ts prints both).
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
