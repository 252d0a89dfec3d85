import type { AttemptFailureReason, AttemptState, RunState, TaskState } from '@agentswarm/core';

/** Attempts of a task in order. */
export function attemptsOf(task: TaskState, state: RunState): AttemptState[] {
  return task.attempts.map((id) => state.attempts.get(id)).filter((attempt) => attempt !== undefined);
}

/** Failures that say nothing about the task: its next attempt may go well where this one could not run. */
const INFRASTRUCTURE: ReadonlySet<AttemptFailureReason> = new Set(['model_failed', 'sandbox_failed']);

/** Whether an attempt ended because it could not run: no model, no sandbox. */
export function couldNotRun(attempt: AttemptState): boolean {
  return attempt.failure !== undefined && INFRASTRUCTURE.has(attempt.failure);
}

/** Attempts that count against MAX_ATTEMPTS: not those we ended ourselves, nor those that could not run. */
export function countedAttempts(task: TaskState, state: RunState): number {
  return attemptsOf(task, state).filter((attempt) => attempt.status !== 'abandoned' && !couldNotRun(attempt))
    .length;
}

/** Whether an attempt occupies a worker. */
export function isRunning(attempt: AttemptState): boolean {
  return attempt.status === 'dispatched' || attempt.status === 'running';
}

/** Whether an attempt may still land; it holds its task's paths until then. */
export function isPending(attempt: AttemptState): boolean {
  return isRunning(attempt) || attempt.status === 'handed_off' || attempt.status === 'queued';
}
