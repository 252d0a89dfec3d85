import type { CommitSha } from '@agentswarm/core';
import { parseSha } from './refs.ts';
import { runInView, type RepositoryOptions } from './read-repository.ts';
import { nulFields, safeArgument, textOf } from './run-git.ts';

/** Tests whether `ancestor` is reachable from `descendant`; a commit is its own ancestor. */
export async function isAncestor(
  options: RepositoryOptions & { readonly ancestor: CommitSha; readonly descendant: CommitSha },
): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', options.ancestor, options.descendant];
  return (await runInView(options, { args, accept: [0, 1] })).exitCode === 0;
}

/** A best common ancestor of two commits; undefined for unrelated histories. */
export async function mergeBase(
  options: RepositoryOptions & { readonly a: CommitSha; readonly b: CommitSha },
): Promise<CommitSha | undefined> {
  const result = await runInView(options, { args: ['merge-base', options.a, options.b], accept: [0, 1] });
  return result.exitCode === 0 ? parseSha(textOf(result)) : undefined;
}

/**
 * Paths that differ between two commits or trees, sorted by git; a rename is its old and its new path.
 * Every name git can store is given unquoted; bytes that are no UTF-8 become U+FFFD.
 */
export async function changedFiles(
  options: RepositoryOptions & { readonly base: string; readonly head: string },
): Promise<readonly string[]> {
  const ends = [safeArgument(options.base, 'commit'), safeArgument(options.head, 'commit')];
  const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--no-ext-diff', '--no-textconv'];
  return nulFields(await runInView(options, { args: [...args, ...ends, '--'] }));
}

/** A commit with what the shape of history needs. */
export interface CommitNode {
  readonly commit: CommitSha;
  readonly parents: readonly CommitSha[];
}

/** Commits on the first-parent chain of `to` that are not reachable from `from`; newest first. */
export async function firstParentChain(
  options: RepositoryOptions & { readonly from: CommitSha; readonly to: CommitSha },
): Promise<readonly CommitNode[]> {
  const args = ['rev-list', '--first-parent', '--parents', options.to, `^${options.from}`, '--'];
  const text = textOf(await runInView(options, { args }));
  if (text === '') return [];
  return text.split('\n').map((line) => {
    const [commit = '', ...parents] = line.split(' ');
    return { commit: parseSha(commit), parents: parents.map(parseSha) };
  });
}

/** The tree of a commit. */
export async function treeOf(
  options: RepositoryOptions & { readonly commit: CommitSha },
): Promise<CommitSha> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${options.commit}^{tree}`];
  return parseSha(textOf(await runInView(options, { args })));
}
