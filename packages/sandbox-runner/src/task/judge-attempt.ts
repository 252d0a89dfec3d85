import type {
  AttemptFailureReason,
  CommitSha,
  ExecResult,
  Handoff,
  TaskAssignment,
  TaskResult,
  WorkerFrame,
} from '@agentswarm/core';

type ErrorFrame = Extract<WorkerFrame, { type: 'error' }>;

/** A failure found while reading something. */
export interface Failure {
  readonly reason: AttemptFailureReason;
  readonly message: string;
}

/** How the worker's process came to its end. */
export type WorkerEnd =
  | { readonly kind: 'ended'; readonly exec: ExecResult }
  /** While nobody was connected to it. */
  | { readonly kind: 'unheard' }
  /** Nobody was connected to it, and it never sent a frame. */
  | { readonly kind: 'never_heard' }
  | { readonly kind: 'silent'; readonly silenceMs: number }
  | { readonly kind: 'overtime'; readonly timeoutMs: number }
  | { readonly kind: 'flooded'; readonly maxBytes: number }
  /** With its sandbox. */
  | { readonly kind: 'gone'; readonly why: string }
  | { readonly kind: 'stopped'; readonly why: string };

/** What an attempt was told to work on. */
export type AttemptTerms = Pick<TaskAssignment, 'attemptId' | 'base' | 'branch'>;

/** Everything known once the worker has ended. */
export interface AttemptEvidence {
  readonly assignment: AttemptTerms;
  readonly end: WorkerEnd;
  readonly errorFrame: ErrorFrame | undefined;
  readonly handoff: Handoff | Failure;
  /** Head that was collected; undefined when nothing was pushed. */
  readonly head: CommitSha | undefined;
  /** Why the commits could not be taken, or are not what they must be. */
  readonly commitFailure?: Failure;
}

const STDERR_TAIL = 1_000;

/**
 * Decides how an attempt ended. A complete, valid handoff counts even when the worker came to a bad
 * end after writing it; without one, the first cause is named.
 */
export function judgeAttempt(evidence: AttemptEvidence): TaskResult {
  const { assignment, head } = evidence;
  const { attemptId } = assignment;
  const failure = findFailure(evidence);
  if (failure !== undefined) {
    return { status: 'failed', attemptId, ...failure, ...(head === undefined ? {} : { head }) };
  }
  // Without a failure there is a handoff whose head was collected.
  const handoff = evidence.handoff as Handoff;
  return { status: 'handed_off', attemptId, handoff, head: handoff.head };
}

function findFailure(evidence: AttemptEvidence): Failure | undefined {
  const { end, errorFrame, handoff, commitFailure } = evidence;
  if (end.kind === 'stopped')
    return { reason: 'worker_died', message: `the attempt was stopped: ${end.why}` };
  if (errorFrame !== undefined) return failureOfFrame(errorFrame);
  if (isFailure(handoff)) return describeEnd(end) ?? handoff;
  return commitFailure ?? findMismatch(evidence, handoff) ?? findRefusal(handoff);
}

function isFailure(value: Handoff | Failure): value is Failure {
  return 'reason' in value;
}

function failureOfFrame(frame: ErrorFrame): Failure {
  const reason = frame.code === 'commit_failed' ? 'commits_invalid' : frame.code;
  return { reason, message: frame.message };
}

/** A bad end explains a missing handoff; a good one does not. */
function describeEnd(end: WorkerEnd): Failure | undefined {
  switch (end.kind) {
    case 'stopped':
      return { reason: 'worker_died', message: `the attempt was stopped: ${end.why}` };
    case 'unheard':
      return { reason: 'worker_died', message: 'the worker ended while nobody was connected to it' };
    case 'never_heard':
      return { reason: 'sandbox_failed', message: 'nothing was ever heard of the worker' };
    case 'silent':
      return { reason: 'worker_died', message: `the worker sent nothing for ${end.silenceMs} ms` };
    case 'overtime':
      return { reason: 'timed_out', message: `the worker ran into its time limit of ${end.timeoutMs} ms` };
    case 'flooded':
      return { reason: 'worker_died', message: `the worker sent more than ${end.maxBytes} bytes of frames` };
    case 'gone':
      return { reason: 'sandbox_failed', message: `the sandbox is gone: ${end.why}` };
    case 'ended':
      return describeExec(end.exec);
  }
}

function describeExec(exec: ExecResult): Failure | undefined {
  const tail = exec.stderr.trim().slice(-STDERR_TAIL);
  const because = tail === '' ? '' : `: ${tail}`;
  switch (exec.reason) {
    case 'exited':
      return exec.exitCode === 0
        ? undefined
        : { reason: 'worker_died', message: `the worker exited with ${exec.exitCode}${because}` };
    case 'signalled':
      return { reason: 'worker_died', message: `the worker was ended by ${exec.signalName}${because}` };
    case 'timed_out':
      return { reason: 'timed_out', message: `the worker ran into its time limit${because}` };
    case 'aborted':
      return { reason: 'sandbox_failed', message: 'the sandbox was ended' };
    case 'over_limit':
      return {
        reason: 'over_limit',
        message: `the sandbox reached its limit of ${nameOfLimit(exec.limit)}${because}`,
      };
    case 'lost':
      return { reason: 'worker_died', message: 'the connection to the worker was lost' };
    case 'not_started':
      return { reason: 'sandbox_failed', message: `the worker could not be started${because}` };
  }
}

function nameOfLimit(limit: ExecResult['limit']): string {
  return limit === undefined ? 'something' : limit.replace('_', ' ');
}

function findMismatch({ assignment, head }: AttemptEvidence, handoff: Handoff): Failure | undefined {
  const expected: readonly (readonly [string, string, string])[] = [
    ['attempt', handoff.attemptId, assignment.attemptId],
    ['branch', handoff.branch, assignment.branch],
    ['base', handoff.base, assignment.base],
  ];
  const wrong = expected.find(([, actual, wanted]) => actual !== wanted);
  if (wrong !== undefined) {
    const [field, actual, wanted] = wrong;
    return { reason: 'handoff_invalid', message: `the handoff is for ${field} ${actual}, not ${wanted}` };
  }
  const collected = head ?? assignment.base;
  if (handoff.head === collected) return undefined;
  return {
    reason: 'commits_invalid',
    message: `the handoff names commit ${handoff.head}, the intake has ${head ?? 'none'}`,
  };
}

function findRefusal(handoff: Handoff): Failure | undefined {
  if (handoff.status === 'blocked') return { reason: 'blocked', message: handoff.summary };
  if (handoff.head !== handoff.base) return undefined;
  return { reason: 'no_changes', message: 'the agent changed nothing' };
}
