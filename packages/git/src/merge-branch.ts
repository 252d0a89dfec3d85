import type { CommitSha } from '@agentswarm/core';
import { checkoutBranch, getCurrentBranch } from './branches.ts';
import { GitError } from './errors.ts';
import { parseSha } from './refs.ts';
import { safeArgument } from './run-git.ts';
import { openWorkTree, type WorkTreeGit, type WorkTreeOptions } from './work-tree.ts';

/** How a branch joins the current one. */
export type MergeStrategy = 'merge-commit' | 'rebase' | 'fast-forward';

/** Outcome of a merge; except for `merged` the work tree is as it was before. */
export type MergeResult =
  | { readonly kind: 'merged'; readonly commit: CommitSha }
  /** The current branch already contains it. */
  | { readonly kind: 'up_to_date'; readonly commit: CommitSha }
  /** With `rebase`, the files of the first commit that does not apply. */
  | { readonly kind: 'conflicted'; readonly files: readonly string[] }
  /** Strategy `fast-forward`, but the branches have diverged. */
  | { readonly kind: 'diverged' };

/** Outcome of a rebase; after a conflict the branch is as it was before. */
export type RebaseResult =
  | { readonly kind: 'rebased'; readonly commit: CommitSha }
  | { readonly kind: 'conflicted'; readonly files: readonly string[] };

/**
 * Merges a branch into the one that is checked out.
 *
 * `rebase` rewrites the merged branch onto the current one and then moves the current one forward.
 *
 * @throws {GitError} `GIT_FAILED` when git refuses, for example because of uncommitted changes.
 */
export async function mergeBranch(
  options: WorkTreeOptions & {
    readonly branch: string;
    readonly strategy: MergeStrategy;
    /** Of the merge commit. Default git's own. */
    readonly message?: string;
  },
): Promise<MergeResult> {
  const git = openWorkTree(options);
  const branch = safeArgument(options.branch, 'branch');
  const [before, theirs] = [await commitOf(git, 'HEAD'), await commitOf(git, branch)];
  if (await contains(git, theirs, before)) return { kind: 'up_to_date', commit: before };
  switch (options.strategy) {
    case 'fast-forward':
      return (await contains(git, before, theirs)) ? await fastForward(git, theirs) : { kind: 'diverged' };
    case 'rebase':
      return await rebaseAndForward(options, git, branch);
    case 'merge-commit': {
      const message = options.message === undefined ? ['--no-edit'] : ['-m', options.message];
      const files = await attemptOrAbort(git, ['merge', '--no-ff', '--quiet', ...message, branch], 'merge');
      if (files.length > 0) return { kind: 'conflicted', files };
      return { kind: 'merged', commit: await commitOf(git, 'HEAD') };
    }
  }
}

/** Rebases the current branch onto another commit or branch. */
export async function rebaseBranch(
  options: WorkTreeOptions & { readonly onto: string },
): Promise<RebaseResult> {
  const git = openWorkTree(options);
  const onto = safeArgument(options.onto, 'branch');
  const files = await attemptOrAbort(git, ['rebase', '--quiet', onto], 'rebase');
  return files.length > 0
    ? { kind: 'conflicted', files }
    : { kind: 'rebased', commit: await commitOf(git, 'HEAD') };
}

/** Files with unresolved conflicts in the work tree, sorted. */
export async function getConflicts(options: WorkTreeOptions): Promise<readonly string[]> {
  return await unmergedFiles(openWorkTree(options));
}

async function rebaseAndForward(
  options: WorkTreeOptions,
  git: WorkTreeGit,
  branch: string,
): Promise<MergeResult> {
  const current = await getCurrentBranch(options);
  if (current === undefined)
    throw new GitError('GIT_BAD_ARGUMENT', 'cannot merge by rebase on a detached HEAD');
  await checkoutBranch({ ...options, branch });
  try {
    const rebased = await rebaseBranch({ ...options, onto: current });
    if (rebased.kind === 'conflicted') return rebased;
  } finally {
    await checkoutBranch({ ...options, branch: current });
  }
  return await fastForward(git, await commitOf(git, branch));
}

async function fastForward(git: WorkTreeGit, commit: CommitSha): Promise<MergeResult> {
  await git.run('merge', '--ff-only', '--quiet', commit);
  return { kind: 'merged', commit };
}

/** Runs a merge or rebase. Gives the conflicting files, read before the work tree is put back. */
async function attemptOrAbort(
  git: WorkTreeGit,
  args: readonly string[],
  operation: 'merge' | 'rebase',
): Promise<readonly string[]> {
  const exitCode = await git.attempt(...args);
  if (exitCode === 0) return [];
  const files = await unmergedFiles(git);
  if (files.length === 0) return git.fail(args, exitCode);
  await git.run(operation, '--abort');
  return files;
}

async function unmergedFiles(git: WorkTreeGit): Promise<readonly string[]> {
  const output = await git.run(
    'diff',
    '--name-only',
    '--diff-filter=U',
    '--no-renames',
    '-z',
    '--no-ext-diff',
  );
  return [...new Set(output.split('\0').filter((file) => file !== ''))].toSorted();
}

async function contains(git: WorkTreeGit, ancestor: CommitSha, descendant: CommitSha): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', ancestor, descendant];
  const exitCode = await git.attempt(...args);
  return exitCode <= 1 ? exitCode === 0 : git.fail(args, exitCode);
}

async function commitOf(git: WorkTreeGit, name: string): Promise<CommitSha> {
  return parseSha((await git.run('rev-parse', '--verify', '--end-of-options', `${name}^{commit}`)).trim());
}
