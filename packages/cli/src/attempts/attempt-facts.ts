import type { AttemptState } from '@agentswarm/core';
import type { KeptWork } from './kept-work.ts';

/** What the journal and the store tell of an attempt, as JSON. */
export function attemptFacts(attempt: AttemptState, work: KeptWork) {
  const { id, taskId, number, status, branch, base, startedAtMs, endedAtMs, failure } = attempt;
  const reason = reasonOf(attempt);
  return {
    id,
    taskId,
    number,
    status,
    ...(failure === undefined ? {} : { failure }),
    ...(reason === undefined ? {} : { reason }),
    branch,
    base,
    ...(work.head === undefined ? {} : { head: work.head }),
    startedAtMs,
    ...(endedAtMs === undefined ? {} : { endedAtMs }),
  };
}

/** Why it did not land, or what it is doing. */
export function reasonOf({ status, evidence, activity, endedAtMs }: AttemptState): string | undefined {
  if (evidence !== undefined) return evidence.reason;
  return status === 'abandoned' || endedAtMs === undefined ? activity : undefined;
}
