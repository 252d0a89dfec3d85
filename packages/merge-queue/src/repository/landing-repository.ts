import type { CommitSha } from '@agentswarm/core';
import type { BlobVersion, HeadFacts, PathConflict, TreeChange, TreeEdit } from '@agentswarm/git';

/** What became of a merge of a head. */
export type MergeOutcome =
  | { readonly kind: 'clean'; readonly tree: CommitSha }
  | { readonly kind: 'conflicted'; readonly tree: CommitSha; readonly conflicts: readonly PathConflict[] };

/** What became of moving the target. */
export type MoveOutcome =
  | { readonly kind: 'moved_to_new' }
  /** Somebody else moved it. */
  | { readonly kind: 'lost_race'; readonly actual: CommitSha | undefined }
  /** The authority said no although it was where we thought. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** Another queue has taken over this target: we may not write any more. */
  | { readonly kind: 'fenced' };

/**
 * The repository as the queue sees it: objects, the target, and the two refs by which it keeps
 * submitted heads alive and itself the only writer. One implementation on git, one in memory for the
 * property tests.
 *
 * Every method rejects with a `MergeQueueError` when the store or the authority fails.
 */
export interface LandingRepository extends AsyncDisposable {
  /** Where the authority's target points now; the commit is then here. `TARGET_MISSING`, `TARGET_UNREACHABLE`. */
  tip(signal: AbortSignal): Promise<CommitSha>;
  relate(tip: CommitSha, heads: readonly CommitSha[]): Promise<readonly HeadFacts[]>;
  /** Merges a head onto a commit; `base` when it is known to be their only merge base. */
  merge(request: {
    readonly onto: CommitSha;
    readonly head: CommitSha;
    readonly base?: CommitSha;
  }): Promise<MergeOutcome>;
  treeOf(commit: CommitSha): Promise<CommitSha>;
  parentsOf(commit: CommitSha): Promise<readonly CommitSha[]>;
  messageOf(commit: CommitSha): Promise<string>;
  diff(before: CommitSha, after: CommitSha): Promise<readonly TreeChange[]>;
  editTree(base: CommitSha, edits: readonly TreeEdit[]): Promise<CommitSha>;
  readBlob(object: CommitSha): Promise<Buffer>;
  writeBlob(content: string | Uint8Array): Promise<CommitSha>;
  versionAt(commit: CommitSha, path: string): Promise<BlobVersion | undefined>;
  /** Names in a directory of a commit or tree, `''` for its top. */
  namesIn(commit: CommitSha, directory: string): Promise<readonly string[]>;
  /** Sizes in bytes; undefined for what is missing. */
  sizesOf(objects: readonly CommitSha[]): Promise<readonly (number | undefined)[]>;
  /** Writes a commit of the queue; with `authorOf`, the author of that commit is kept. */
  commit(request: {
    readonly tree: CommitSha;
    readonly parents: readonly CommitSha[];
    readonly message: string;
    readonly dateMs: number;
    readonly authorOf?: CommitSha;
  }): Promise<CommitSha>;
  /** First-parent history of the target from `tip` back to, and without, commits reachable from `from`; newest first. */
  firstParents(
    from: CommitSha,
    tip: CommitSha,
  ): Promise<readonly { readonly commit: CommitSha; readonly parents: readonly CommitSha[] }[]>;
  /** Keeps exactly these heads, and what they are built on, from being pruned. */
  pin(heads: readonly CommitSha[]): Promise<void>;
  /** Moves the target by compare-and-swap. Not interrupted by anything once it began. */
  move(change: { readonly old: CommitSha; readonly new: CommitSha }): Promise<MoveOutcome>;
}
