import type { CommitSha } from '@agentswarm/core';
import type { Identity } from '../commit-tree.ts';
import type { UpdateRefResult } from '../refs.ts';

/** One side of a path in a merge: what git would call a stage of the index. */
export interface BlobVersion {
  /** `100644`, `100755`, `120000` (link) or `160000` (submodule). */
  readonly mode: string;
  readonly object: CommitSha;
}

/** A path a merge could not decide. A side is absent when the path does not exist there. */
export interface PathConflict {
  readonly path: string;
  readonly base?: BlobVersion;
  readonly ours?: BlobVersion;
  readonly theirs?: BlobVersion;
}

/** Outcome of a merge in the object database. */
export type SessionMergeResult =
  | { readonly kind: 'clean'; readonly tree: CommitSha }
  /** `tree` has everything that merged, and git's markers in the files that did not. Sorted by path, never empty. */
  | {
      readonly kind: 'conflicted';
      readonly tree: CommitSha;
      readonly conflicts: readonly PathConflict[];
    };

/** A commit as stored. */
export interface CommitObject {
  readonly tree: CommitSha;
  readonly parents: readonly CommitSha[];
  readonly author: Identity & { readonly date: string };
  readonly message: string;
}

/** One path that differs between two trees. Bytes of a path that are no UTF-8 become U+FFFD. */
export interface TreeChange {
  readonly path: string;
  /** Absent when the path is new. */
  readonly before?: BlobVersion;
  /** Absent when the path is gone. */
  readonly after?: BlobVersion;
}

/** One path to write into a tree: a version, or null to remove it. */
export interface TreeEdit {
  readonly path: string;
  readonly version: BlobVersion | null;
}

/** One ref of a transaction; `old: null` means it must not exist, `new: null` deletes it. */
export interface RefChange {
  readonly ref: string;
  readonly old: CommitSha | null;
  readonly new: CommitSha | null;
}

/** What the history between some heads and a tip says about one of the heads. */
export interface HeadFacts {
  readonly head: CommitSha;
  /** `contained`: reachable from the tip. `unrelated`: no history in common. `missing`: no such commit here. */
  readonly relation: 'ahead' | 'contained' | 'unrelated' | 'missing';
  /** Commits reachable from the head and not from the tip; empty unless `ahead`. */
  readonly commits: readonly CommitSha[];
  /** Commits of the tip's history that those are built on. Exactly one means: the only merge base. */
  readonly frontier: readonly CommitSha[];
}

/**
 * A repository with its git processes kept running: merging, reading, comparing and moving refs cost a
 * line on a pipe each instead of a process. Works through a neutral view: nothing a repository
 * configured is executed, no work tree or index is touched.
 *
 * A process that dies is started again with the next call; the call it died in rejects. Calls may
 * overlap, each is answered in its own time. Disposing ends the processes.
 */
export interface GitSession extends AsyncDisposable {
  readonly repository: string;
  /**
   * Merges two commits. With `base`, which must be their only merge base, no history is walked.
   *
   * @throws {GitError} `GIT_FAILED` when a commit is missing or the histories are unrelated.
   */
  merge(request: {
    readonly ours: CommitSha;
    readonly theirs: CommitSha;
    readonly base?: CommitSha;
  }): Promise<SessionMergeResult>;
  /** Writes a commit object in this process; the same arguments give the same commit. `dateMs` is cut to seconds. */
  writeCommit(request: {
    readonly tree: CommitSha;
    readonly parents: readonly CommitSha[];
    readonly message: string;
    readonly author: Identity & { readonly date?: string };
    readonly committer: Identity;
    readonly dateMs: number;
  }): Promise<CommitSha>;
  writeBlob(content: string | Uint8Array): Promise<CommitSha>;
  /** Writes a tree that equals `base` (commit or tree) except for the edits. @throws {GitError} `GIT_BAD_ARGUMENT` for a path git would refuse. */
  editTree(base: CommitSha, edits: readonly TreeEdit[]): Promise<CommitSha>;
  /** Reads a blob; undefined when there is none. @throws {GitError} `GIT_OUTPUT_TOO_LARGE` above `maxBytes` (default 64 MiB). */
  readBlob(object: CommitSha, options?: { readonly maxBytes?: number }): Promise<Buffer | undefined>;
  /** Size in bytes of objects without reading them; undefined for a missing one. Same order as asked. */
  sizesOf(objects: readonly CommitSha[]): Promise<readonly (number | undefined)[]>;
  /** What a path of a commit or tree holds; undefined when there is nothing, directories included. */
  versionAt(commit: CommitSha, path: string): Promise<BlobVersion | undefined>;
  /** Names in a directory of a commit or tree, `''` for its top; empty when there is no such directory. */
  namesIn(commit: CommitSha, directory: string): Promise<readonly string[]>;
  readCommit(commit: CommitSha): Promise<CommitObject | undefined>;
  /** Those of the objects that are commits here. Same order as asked. */
  commitsAmong(objects: readonly CommitSha[]): Promise<readonly CommitSha[]>;
  /** Paths that differ between two commits or trees, sorted, without rename detection. */
  diff(before: CommitSha, after: CommitSha): Promise<readonly TreeChange[]>;
  /** Changes refs all together or not at all; runs no hook. */
  updateRefs(changes: readonly RefChange[]): Promise<UpdateRefResult>;
  /** Where a full ref points; undefined when it does not exist. */
  resolveRef(ref: string): Promise<CommitSha | undefined>;
  /** Relates heads to a tip with one walk for all of them. Same order as asked. */
  relate(tip: CommitSha, heads: readonly CommitSha[]): Promise<readonly HeadFacts[]>;
}
