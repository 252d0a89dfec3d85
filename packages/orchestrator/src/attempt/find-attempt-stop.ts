import type { AttemptId, RunState, TaskResult } from '@agentswarm/core';

/** Why an attempt must not go on. `abandon`: its task is taken up again later, and it does not count. */
export type AttemptStop =
  | { readonly kind: 'out_of_budget'; readonly message: string }
  | { readonly kind: 'abandon'; readonly reason: string };

/** Whether money decides that an attempt must end; undefined while it may go on. */
export function findAttemptStop({ spend }: RunState, attemptId: AttemptId): AttemptStop | undefined {
  const message = spend.exhaustedAttempts.get(attemptId);
  if (message !== undefined) return { kind: 'out_of_budget', message };
  return spend.exhausted && { kind: 'abandon', reason: spend.exhausted.message };
}

/** Whether what an attempt came to is given up. Work that is done needs no money: only a stop of the run loses it. */
export function isGivenUp(
  { status }: Pick<TaskResult, 'status'>,
  { aborted, stop }: { readonly aborted: boolean; readonly stop: AttemptStop | undefined },
): boolean {
  return status === 'handed_off' ? aborted && stop === undefined : aborted || stop !== undefined;
}
