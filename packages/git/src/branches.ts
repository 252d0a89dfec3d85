import { CommitShaSchema, type CommitSha } from '@agentswarm/core';
import { openWorkTree, type WorkTreeOptions } from './work-tree.ts';
import { safeArgument } from './run-git.ts';

/** Creates a branch at `from` (default the current commit) and checks it out. */
export async function createBranch(
  options: WorkTreeOptions & { readonly branch: string; readonly from?: string },
): Promise<void> {
  const start = options.from === undefined ? [] : [safeArgument(options.from, 'start point')];
  const branch = safeArgument(options.branch, 'branch');
  await openWorkTree(options).run('checkout', '--quiet', '--no-track', '-b', branch, ...start, '--');
}

/** Checks out an existing local branch. */
export async function checkoutBranch(options: WorkTreeOptions & { readonly branch: string }): Promise<void> {
  const git = openWorkTree(options);
  const branch = safeArgument(options.branch, 'branch');
  // A ref, not a guess: otherwise git would create the branch from a remote's or restore a file.
  await git.run('show-ref', '--verify', '--quiet', `refs/heads/${branch}`);
  await git.run('checkout', '--quiet', '--no-guess', branch, '--');
}

/** The commit that a person names as git lets them: `HEAD`, `main~2`, a tag, a part of its id; undefined when there is none. */
export async function resolveRevision(
  options: WorkTreeOptions & { readonly revision: string },
): Promise<CommitSha | undefined> {
  const git = openWorkTree(options);
  const name = `${safeArgument(options.revision, 'revision')}^{commit}`;
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', name] as const;
  if ((await git.attempt(...args)) !== 0) return undefined;
  return CommitShaSchema.parse((await git.run(...args)).trim());
}

/** The branch that is checked out, born or not; undefined when HEAD is detached. */
export async function getCurrentBranch(options: WorkTreeOptions): Promise<string | undefined> {
  const git = openWorkTree(options);
  const args = ['symbolic-ref', '--quiet', 'HEAD'] as const;
  const exitCode = await git.attempt(...args);
  if (exitCode === 1) return undefined;
  return (await git.run(...args)).trim().replace(/^refs\/heads\//, '');
}
