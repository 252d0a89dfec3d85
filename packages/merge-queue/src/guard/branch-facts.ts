import type { CommitSha } from '@agentswarm/core';
import type { BlobVersion, TreeChange } from '@agentswarm/git';

/** One value a path of main had and lost: `before` became `after` by one first-parent commit. An absent side: no such file. */
export type MainStep = Omit<TreeChange, 'path'>;

/** A commit of the branch that is no merge, as far as it was needed. */
export interface OwnCommit {
  readonly commit: CommitSha;
  readonly message: string;
  readonly changes: readonly TreeChange[];
}

/** Everything the checks of a branch look at. Plain data: the same facts always give the same findings. */
export interface BranchFacts {
  /**
   * What landing the branch would change, sorted by path. `before` is what the branch was built on, or
   * main itself for a branch that was built on several commits of main.
   */
  readonly changes: readonly TreeChange[];
  /** Size of each version the branch brings. */
  readonly sizes: ReadonlyMap<CommitSha, number>;
  /** Contents in which something may be wrong: targets of links, texts with markers and what they replace. */
  readonly contents: ReadonlyMap<CommitSha, Buffer>;
  /** `.gitmodules` of the head; asked for only when the branch brings a submodule. */
  readonly gitmodules: string | undefined;
  /** Steps of main at changed paths, oldest first, as far back as the window reaches. */
  readonly steps: ReadonlyMap<string, readonly MainStep[]>;
  /**
   * Names in a directory once the branch has landed: of the directories it adds something to, and, where
   * main has none of that name, of those they are in.
   */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** Whether a commit of the branch is a merge: otherwise its commits explain all it changes. */
  readonly hasMerges: boolean;
  /** Its other commits; empty when nothing needs an explanation. */
  readonly ownCommits: readonly OwnCommit[];
}

export function isSameVersion(a: BlobVersion | undefined, b: BlobVersion | undefined): boolean {
  return a?.object === b?.object && a?.mode === b?.mode;
}

export function isFile(version: BlobVersion | undefined): version is BlobVersion & { mode: `100${string}` } {
  return version?.mode.startsWith('100') === true;
}

export function isLink(version: BlobVersion | undefined): version is BlobVersion & { mode: '120000' } {
  return version?.mode === '120000';
}

export function isSubmodule(version: BlobVersion | undefined): version is BlobVersion & { mode: '160000' } {
  return version?.mode === '160000';
}
