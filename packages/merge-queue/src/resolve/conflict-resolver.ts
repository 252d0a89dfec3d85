import type { CommitSha } from '@agentswarm/core';
import type { BlobVersion, PathConflict } from '@agentswarm/git';

/** What a resolver is given: one merge with its undecided paths, and access to its blobs. */
export interface ResolutionRequest {
  /** Paths still undecided, sorted; resolvers before this one have taken theirs out. */
  readonly conflicts: readonly PathConflict[];
  /** Paths both sides changed since the base, conflicting or not: a clean text merge of a lockfile proves nothing. */
  readonly changedByBoth: readonly string[];
  /** The merge as it is by now: what earlier resolvers decided is in it. */
  readonly tree: CommitSha;
  /** What is merged into: the target, or a candidate for it. */
  readonly ours: CommitSha;
  /** The head of the branch. */
  readonly theirs: CommitSha;
  /** Git directory that has all of them, for resolvers that need a checkout. */
  readonly repository: string;
  readonly intents: MergeIntents;
  /** Content of a blob. @throws {GitError} when it is missing or larger than 10 MB. */
  readBlob(object: CommitSha): Promise<Buffer>;
  /** What a path of {@link ResolutionRequest.tree} holds; undefined when there is nothing. */
  versionAt(path: string): Promise<BlobVersion | undefined>;
  writeBlob(content: string | Uint8Array): Promise<CommitSha>;
  readonly signal: AbortSignal;
}

/** Why both sides changed what they changed, in their authors' words. */
export interface MergeIntents {
  /** Messages of the landed changes that touched the conflicted paths since the base. */
  readonly ours: readonly string[];
  /** Intent given with the submission, or the messages of the branch's commits. */
  readonly theirs: readonly string[];
}

/** One decided path. */
export interface Resolution {
  readonly path: string;
  /** What the path shall hold; null when it shall not exist. */
  readonly version: BlobVersion | null;
  /** What of either side is not in the result, for people: `ours: dependency left-pad ^1.0.0`. Empty when nothing was lost. */
  readonly dropped: readonly string[];
}

/**
 * Proposes contents for paths that git could not merge. The gate decides whether they are right.
 *
 * Contract: returns only paths it is sure about and declines the rest by leaving them out; may touch
 * conflicted paths only, besides lockfiles in `changedByBoth`; the same request gives the same answer,
 * except for an agent; rejects only when aborted or when it could not work at all, which counts as
 * declining and is logged.
 */
export interface ConflictResolver {
  /** Shown in landings: `lockfile`, `package.json`, `json`, `union`, `duplicate`, `agent`. */
  readonly name: string;
  /**
   * `inline`: a computation of milliseconds, done while composing.
   * `aside`: starts a process or asks somebody; done beside the line, only against the target itself, and remembered.
   */
  readonly cost: 'inline' | 'aside';
  /** The only paths it answers for, and wants to see even when they merged cleanly. Default: those in conflict. */
  watches?(path: string): boolean;
  /** Digest of what its answers depend on besides the versions of the paths, for the memory of `aside` answers. */
  contextOf?(request: ResolutionRequest): Promise<string>;
  resolve(request: ResolutionRequest): Promise<readonly Resolution[]>;
}
