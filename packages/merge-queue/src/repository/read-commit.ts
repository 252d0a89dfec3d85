import type { CommitSha } from '@agentswarm/core';
import { GitError, type CommitObject, type GitSession } from '@agentswarm/git';
import { MergeQueueError } from '../errors.ts';

/** Reads a commit that has to be there. @throws {MergeQueueError} REPOSITORY_FAILED when it is not. */
export async function readCommit(
  session: Pick<GitSession, 'readCommit'>,
  commit: CommitSha,
): Promise<CommitObject> {
  const found = await session.readCommit(commit);
  if (found !== undefined) return found;
  throw missingObject(commit);
}

export function missingObject(object: CommitSha): MergeQueueError {
  const cause = new GitError('GIT_FAILED', `there is no object ${object}`);
  return new MergeQueueError('REPOSITORY_FAILED', cause.message, { cause });
}
