import type { AttemptState, RunState, TaskState } from '@agentswarm/core';

/** Attempts of a task in order. */
export function attemptsOf(task: TaskState, state: RunState): AttemptState[] {
  return task.attempts.map((id) => state.attempts.get(id)).filter((attempt) => attempt !== undefined);
}

/** Attempts that count against MAX_ATTEMPTS: not those we ended ourselves, nor those the model endpoint failed. */
export function countedAttempts(task: TaskState, state: RunState): number {
  return attemptsOf(task, state).filter(
    (attempt) => attempt.status !== 'abandoned' && attempt.failure !== 'model_failed',
  ).length;
}

/** Whether an attempt occupies a worker. */
export function isRunning(attempt: AttemptState): boolean {
  return attempt.status === 'dispatched' || attempt.status === 'running';
}

/** Whether an attempt may still land; it holds its task's paths until then. */
export function isPending(attempt: AttemptState): boolean {
  return isRunning(attempt) || attempt.status === 'handed_off' || attempt.status === 'queued';
}
