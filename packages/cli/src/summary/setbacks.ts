import type { AttemptState, RunState, TaskState } from '@agentswarm/core';

/** An attempt that did not land, and what became of its task. */
export interface Setback {
  readonly taskId: string;
  /** Counted from 1. */
  readonly attempt: number;
  readonly outcome: 'conflicted' | 'ejected' | 'refused' | 'failed' | 'abandoned';
  readonly reason: string;
  readonly files: readonly string[];
  /** Failed gate command of an ejection. */
  readonly command?: string;
  /** How the task ended, for example `landed on attempt 2`. */
  readonly ending: string;
}

const OUTCOMES: ReadonlySet<string> = new Set(['conflicted', 'ejected', 'refused', 'failed', 'abandoned']);

/** Every attempt that did not land, in the order they were started. */
export function listSetbacks(state: RunState): Setback[] {
  return [...state.attempts.values()].filter(hasNotLanded).map((attempt) => {
    const { evidence } = attempt;
    return {
      taskId: attempt.taskId,
      attempt: attempt.number,
      outcome: attempt.status,
      reason: evidence?.reason ?? attempt.activity,
      files: evidence?.files ?? [],
      ...(evidence?.command === undefined ? {} : { command: evidence.command }),
      ending: endingOf(state, state.tasks.get(attempt.taskId)),
    };
  });
}

function hasNotLanded(attempt: AttemptState): attempt is AttemptState & { status: Setback['outcome'] } {
  return OUTCOMES.has(attempt.status);
}

function endingOf(state: RunState, task: TaskState | undefined): string {
  if (task === undefined) return 'its task is unknown';
  const attempts = task.attempts.flatMap((id) => state.attempts.get(id) ?? []);
  const landed = attempts.find((attempt) => attempt.status === 'landed');
  if (landed !== undefined) return `landed on attempt ${landed.number}`;
  if (task.status === 'failed') return `given up after ${attempts.length} attempts`;
  if (task.status === 'cancelled') return 'task cancelled';
  const last = attempts.at(-1);
  return last === undefined || OUTCOMES.has(last.status)
    ? 'not tried again yet'
    : `attempt ${last.number} in progress`;
}
