import { isSwarmError, type CommitSha, type Logger, type TaskResult } from '@agentswarm/core';
import { isAncestor } from '@agentswarm/git';
import type { Connection } from './connection.ts';
import { judgeAttempt, type AttemptEvidence, type AttemptTerms, type Failure } from './judge-attempt.ts';
import { readHandoff } from './read-handoff.ts';

export interface ConcludeOptions {
  readonly connection: Connection;
  readonly terms: AttemptTerms;
  /** File of the handoff, inside. */
  readonly handoffPath: string;
  /** Repository on the host, and the ref in it, that take the commits. */
  readonly store: { readonly repository: string; readonly ref: string };
  readonly logger: Logger;
}

/** Reads what a worker left, takes its commits over, and says what came of the attempt. */
export async function concludeAttempt(
  options: ConcludeOptions,
  seen: Pick<AttemptEvidence, 'end' | 'errorFrame'>,
): Promise<TaskResult> {
  const handoff = await readHandoff(options.connection, options.handoffPath);
  const commits = await collectCommits(options);
  return judgeAttempt({ ...seen, assignment: options.terms, handoff, ...commits });
}

type Commits = Pick<AttemptEvidence, 'head' | 'commitFailure'>;

async function collectCommits(options: ConcludeOptions): Promise<Commits> {
  const { connection, store, logger } = options;
  let head: CommitSha | undefined;
  try {
    head = await connection.use((sandbox) => sandbox.collect(store));
  } catch (error) {
    logger.warn({ error }, 'the commits of an attempt could not be taken');
    const isInvalid = isSwarmError(error) && error.code === 'COMMITS_INVALID';
    const reason = isInvalid ? 'commits_invalid' : 'sandbox_failed';
    return { head: undefined, commitFailure: { reason, message: String(error) } };
  }
  const commitFailure = head === undefined ? undefined : await checkAncestry(options, head);
  return { head, ...(commitFailure === undefined ? {} : { commitFailure }) };
}

async function checkAncestry(
  { terms: { base }, store: { repository } }: ConcludeOptions,
  head: CommitSha,
): Promise<Failure | undefined> {
  if (await isAncestor({ repository, ancestor: base, descendant: head })) return undefined;
  return { reason: 'commits_invalid', message: `${head} does not build on ${base}` };
}
