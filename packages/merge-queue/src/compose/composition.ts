import type { CommitSha, RefusalReason, ResolvedPath } from '@agentswarm/core';
import type { PathConflict } from '@agentswarm/git';
import type { QueueEntry } from '../entry/queue-entry.ts';

/** One branch in a chain that may become main. */
export interface Link {
  readonly entry: QueueEntry;
  /** The commit that has the branch: a merge commit, or the last of its own commits. */
  readonly commit: CommitSha;
  readonly tree: CommitSha;
  /** Paths that did not merge and were decided by resolvers. */
  readonly resolved: readonly ResolvedPath[];
}

/** Branches brought onto a commit, one after another. */
export interface Composition {
  readonly onto: CommitSha;
  readonly ontoTree: CommitSha;
  readonly links: readonly Link[];
  /** Tickets of everything in it that is not on the target: those of the links, and of what `onto` has. */
  readonly tickets: readonly string[];
  /** The last link's commit and tree; those of `onto` when there is none. */
  readonly end: CommitSha;
  readonly tree: CommitSha;
}

/** An entry that could not be brought into a composition, and what is to be done with it. */
export type Misfit = { readonly entry: QueueEntry } & (
  | { readonly kind: 'landed'; readonly commit: CommitSha }
  /** Does not fit what is composed before it, which may not land: to be tried again later. */
  | { readonly kind: 'deferred' }
  /** Conflicts with the target itself. */
  | { readonly kind: 'conflicted'; readonly conflicts: readonly PathConflict[] }
  /** A resolver that takes longer is to be asked first, about these paths. */
  | { readonly kind: 'resolvable'; readonly paths: readonly string[] }
  | {
      readonly kind: 'refused';
      readonly reason: RefusalReason;
      readonly message: string;
    }
);
