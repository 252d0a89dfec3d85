import type { AttemptState, RunState } from '@agentswarm/core';
import { isRunning } from '../scheduler/attempt-count.ts';
import type { AttemptEnvironment } from './attempt-environment.ts';
import type { AttemptPlan } from './plan-attempt.ts';

/** An attempt that a dead process left, with a sandbox to look into. */
interface LeftAttempt {
  readonly plan: Omit<AttemptPlan, 'evidence'>;
  readonly sandboxId: string;
  readonly startedAtMs: number;
}

/**
 * Sorts the attempts that the journal has as running: those whose sandbox is still there are taken up, the
 * others are given up. Sandboxes of other attempts are of no use any more, and removed.
 */
export async function recoverAttempts(
  { backend, runId: run }: Pick<AttemptEnvironment, 'backend' | 'runId'>,
  state: RunState,
): Promise<{ readonly lost: readonly LeftAttempt[]; readonly abandoned: readonly AttemptState[] }> {
  const running = [...state.attempts.values()].filter(isRunning);
  const left = await backend.list({ run, purpose: 'attempt' });
  const lost = running.flatMap((attempt): LeftAttempt[] => {
    const task = state.tasks.get(attempt.taskId)?.task;
    const { id: attemptId, number, branch, base, sandboxId, startedAtMs } = attempt;
    if (task === undefined || sandboxId === undefined || !left.some(({ id }) => id === sandboxId)) return [];
    return [{ plan: { task, attemptId, number, branch, base }, sandboxId, startedAtMs }];
  });
  const kept = new Set(lost.map(({ plan }): string => plan.attemptId));
  for (const { attempt } of left.map(({ labels }) => labels)) {
    if (attempt !== undefined && !kept.has(attempt)) await backend.reap({ run, purpose: 'attempt', attempt });
  }
  return { lost, abandoned: running.filter(({ id }) => !kept.has(id)) };
}
