import type { CommitSha } from '@agentswarm/core';
import { GitError } from './errors.ts';
import { parseSha } from './refs.ts';
import { runInView, type RepositoryOptions } from './read-repository.ts';
import { nulFields } from './run-git.ts';

/** Outcome of a merge made in the object database. */
export type MergeTreesResult =
  | { readonly kind: 'clean'; readonly tree: CommitSha }
  /** Paths that need a decision, sorted; never empty. */
  | { readonly kind: 'conflicted'; readonly files: readonly string[] };

const OBJECT_NAME = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Merges two commits in the object database: no work tree, no index, no ref is touched, and merge
 * drivers of the repository are not used. Needs git 2.38.
 *
 * @throws {GitError} `GIT_FAILED` when a commit is missing or the histories are unrelated.
 */
export async function mergeTrees(
  options: RepositoryOptions & { readonly ours: CommitSha; readonly theirs: CommitSha },
): Promise<MergeTreesResult> {
  const flags = ['--write-tree', '-z', '--name-only', '--no-messages'];
  const result = await runInView(options, {
    args: ['merge-tree', ...flags, options.ours, options.theirs],
    accept: [0, 1],
  });
  const [tree = '', ...files] = nulFields(result);
  // Exit code 1 also means "not something we can merge": only a tree says that a merge took place.
  if (!OBJECT_NAME.test(tree)) {
    throw new GitError('GIT_FAILED', `git merge-tree could not merge ${options.ours} and ${options.theirs}`, {
      details: { exitCode: result.exitCode, stderrTail: result.stderrTail },
    });
  }
  if (result.exitCode === 0) return { kind: 'clean', tree: parseSha(tree) };
  return { kind: 'conflicted', files: [...new Set(files)].toSorted() };
}
