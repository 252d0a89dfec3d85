export { GitError } from './errors.ts';
export type { GitErrorCode, ProcessFailure } from './errors.ts';

export { checkoutBranch, createBranch, getCurrentBranch, resolveRevision } from './branches.ts';
export { getConflicts, mergeBranch, rebaseBranch } from './merge-branch.ts';
export type { MergeResult, MergeStrategy, RebaseResult } from './merge-branch.ts';
export { getDiffStat, getFileTree, getRecentCommits, hasUncommittedChanges } from './inspect.ts';
export type { CommitInfo } from './inspect.ts';
export type { DiffStat } from './parse-numstat.ts';
export { addedBytes, commitsBetween, diffStat, readPatch } from './commit-facts.ts';
export type { CommitRange, CommitSummary } from './commit-facts.ts';
export type { WorkTreeOptions } from './work-tree.ts';

export { deleteRef, listRefs, resolveRef, updateRef } from './refs.ts';
export type { RefEntry, UpdateRefResult } from './refs.ts';
export { changedFiles, firstParentChain, isAncestor, mergeBase, treeOf } from './history.ts';
export type { CommitNode } from './history.ts';
export { listTree, readBlob, writeBlobIntoTree } from './content.ts';
export type { TreeEntry } from './content.ts';
export { mergeTrees } from './merge-trees.ts';
export type { MergeTreesResult } from './merge-trees.ts';
export { openGitSession } from './session/open-session.ts';
export type {
  BlobVersion,
  CommitObject,
  GitSession,
  HeadFacts,
  PathConflict,
  RefChange,
  SessionMergeResult,
  TreeChange,
  TreeEdit,
} from './session/git-session.ts';
export { captureWorkTree } from './capture-work-tree.ts';
export { commitTree } from './commit-tree.ts';
export type { Identity } from './commit-tree.ts';
export { fetchCommits } from './fetch-commits.ts';
export type { FetchOptions, FetchRef } from './fetch-commits.ts';
export { pushCompareAndSwap, remoteTip } from './push.ts';
export { remoteBranches } from './remote-branches.ts';
export type { PushResult, RemoteOptions } from './push.ts';
export type { RemoteCredential } from './credential.ts';
export { configuredRemote } from './configured-remote.ts';
export type { ConfiguredRemote } from './configured-remote.ts';
export { displayRemote } from './remote-url.ts';
export { cloneShared, initBareRepository } from './create-repository.ts';
export type { CloneSharedOptions } from './create-repository.ts';
export { findRepositoryRoot, isShallowRepository } from './find-repository.ts';
export type { RepositoryLocation } from './find-repository.ts';
export { gitFeatures, gitVersion } from './version.ts';
export type { GitFeatures, GitVersion } from './version.ts';
export type { RepositoryOptions } from './read-repository.ts';
export { complaintOf } from './complaint.ts';
export type { CallOptions } from './run-git.ts';
