import type { CommitSha } from '@agentswarm/core';
import type { BlobVersion, TreeChange } from '@agentswarm/git';

/** A path a branch changes, with what the checks need to know of it. */
export interface ChangedPath extends TreeChange {
  /** Size of the new version; undefined when the path is gone or a submodule. */
  readonly bytes?: number;
  /** Content of the new version when it is a text or link small enough to be looked at. */
  readonly text?: string;
  /** Content of the version before, under the same conditions; read only when `text` has conflict markers. */
  readonly textBefore?: string;
  /** Names in the same directory once the branch is merged, for paths that are new. */
  readonly siblings?: readonly string[];
}

/** One commit of a branch that is no merge. */
export interface OwnCommit {
  readonly message: string;
  readonly paths: ReadonlySet<string>;
}

/** What a branch does, as far as the checks look at it. */
export interface BranchFacts {
  readonly head: CommitSha;
  readonly changes: readonly ChangedPath[];
  readonly commits: readonly OwnCommit[];
  readonly hasMerges: boolean;
  /** Whether the target had this version, or nothing, at the path before it got what it has there. */
  readonly wasOnTarget: (path: string, version: BlobVersion | undefined) => boolean;
}
