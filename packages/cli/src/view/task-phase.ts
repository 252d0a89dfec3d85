import type { AttemptState, RunState, TaskState } from '@agentswarm/core';

/** Where a task is, as people count tasks. */
export type TaskPhase = 'landed' | 'running' | 'queued' | 'ready' | 'waiting' | 'failed' | 'cancelled';

/** In the order of display. */
const TASK_PHASES: readonly TaskPhase[] = [
  'landed',
  'running',
  'queued',
  'ready',
  'waiting',
  'failed',
  'cancelled',
];

/** The phase of one task: `waiting` has unlanded dependencies, `ready` only lacks a worker. */
function phaseOf(state: RunState, task: TaskState): TaskPhase {
  if (task.status !== 'open') return task.status;
  const last = newestAttempt(state, task);
  if (last?.status === 'dispatched' || last?.status === 'running') return 'running';
  if (last?.status === 'handed_off' || last?.status === 'queued') return 'queued';
  const hasLanded = (id: TaskState['task']['id']) => state.tasks.get(id)?.status === 'landed';
  return task.task.dependsOn.every(hasLanded) ? 'ready' : 'waiting';
}

/** How many tasks are in each phase; phases without tasks are absent. */
export function countPhases(state: RunState): ReadonlyMap<TaskPhase, number> {
  const counts = new Map<TaskPhase, number>();
  for (const task of state.tasks.values()) {
    const phase = phaseOf(state, task);
    counts.set(phase, (counts.get(phase) ?? 0) + 1);
  }
  return new Map(
    TASK_PHASES.flatMap((phase) => (counts.has(phase) ? [[phase, counts.get(phase) ?? 0]] : [])),
  );
}

/** Attempts a worker is busy with, oldest first. */
export function activeAttempts(state: RunState): AttemptState[] {
  return [...state.attempts.values()].filter(
    (attempt) => attempt.status === 'dispatched' || attempt.status === 'running',
  );
}

function newestAttempt(state: RunState, task: TaskState): AttemptState | undefined {
  const id = task.attempts.at(-1);
  return id === undefined ? undefined : state.attempts.get(id);
}
