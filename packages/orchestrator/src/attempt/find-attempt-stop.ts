import type { AttemptId, RunState } from '@agentswarm/core';

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
