import type { CommitSha } from '@agentswarm/core';
import type { BlobVersion, GitSession, TreeChange } from '@agentswarm/git';
import type { MergeOutcome } from '../repository/landing-repository.ts';
import { readCommit } from '../repository/read-commit.ts';

/** What collecting the facts of branches asks of a repository. */
export interface BranchSource {
  diff(before: CommitSha, after: CommitSha): Promise<readonly TreeChange[]>;
  merge(request: { readonly onto: CommitSha; readonly head: CommitSha }): Promise<MergeOutcome>;
  readBlob(object: CommitSha): Promise<Buffer | undefined>;
  sizesOf(objects: readonly CommitSha[]): Promise<readonly (number | undefined)[]>;
  versionAt(commit: CommitSha, path: string): Promise<BlobVersion | undefined>;
  /** Names in a directory of a commit or tree, `''` for its top; empty when there is no such directory. */
  namesIn(commit: CommitSha, directory: string): Promise<readonly string[]>;
  parentsOf(commit: CommitSha): Promise<readonly CommitSha[]>;
  messageOf(commit: CommitSha): Promise<string>;
}

/** A session as a source, for who looks at branches without being a queue. */
export function sessionSource(session: GitSession): BranchSource {
  return {
    diff: (before, after) => session.diff(before, after),
    merge: ({ onto, head }) => session.merge({ ours: onto, theirs: head }),
    readBlob: (object) => session.readBlob(object),
    sizesOf: (objects) => session.sizesOf(objects),
    versionAt: (commit, path) => session.versionAt(commit, path),
    namesIn: (commit, directory) => session.namesIn(commit, directory),
    parentsOf: async (commit) => (await readCommit(session, commit)).parents,
    messageOf: async (commit) => (await readCommit(session, commit)).message,
  };
}
