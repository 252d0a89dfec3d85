import type { MetricsSnapshot } from '../protocol/metrics.ts';
import type { TaskId } from '../ids.ts';
import { activeMsUntil } from './fold-run.ts';
import type { AttemptStatus, RunState, TaskStatus } from './run-state.ts';

/** The figures of a run at `nowMs` (default: the newest event). */
export function snapshotMetrics(state: RunState, nowMs: number = state.lastAtMs): MetricsSnapshot {
  const tasks = [...state.tasks.values()];
  const attempts = [...state.attempts.values()];
  const tasksIn = (status: TaskStatus) => tasks.filter((task) => task.status === status).length;
  const attemptsIn = (status: AttemptStatus) =>
    attempts.filter((attempt) => attempt.status === status).length;
  const wallMs = activeMsUntil(state, nowMs);
  const count = state.landings.filter((landing) => landing.taskId !== undefined).length;
  return {
    wallMs,
    tasks: {
      planned: tasks.length,
      landed: tasksIn('landed'),
      failed: tasksIn('failed'),
      cancelled: tasksIn('cancelled'),
      open: tasksIn('open'),
    },
    features: { total: state.features.length, landed: landedFeatures(state).size },
    attempts: {
      started: attempts.length,
      handedOff: attempts.filter((attempt) => attempt.handoff !== undefined).length,
      landed: attemptsIn('landed'),
      conflicted: attemptsIn('conflicted'),
      ejected: attemptsIn('ejected'),
      refused: attemptsIn('refused'),
      failed: attemptsIn('failed'),
      abandoned: attemptsIn('abandoned'),
    },
    landings: { count, perHour: wallMs > 0 ? (count * 3_600_000) / wallMs : 0 },
    planningRounds: state.planning.round,
    model: state.usage,
  };
}

/** Features whose every task has landed, or that were landed when the run began. */
export function landedFeatures(state: RunState): ReadonlySet<TaskId> {
  const landed = new Set<TaskId>();
  for (const feature of state.features) {
    const tasks = [...state.tasks.values()].filter((task) => task.task.features.includes(feature.id));
    const byTasks =
      tasks.length > 0 &&
      tasks.every((task) => task.status === 'landed' || task.status === 'cancelled') &&
      tasks.some((task) => task.status === 'landed');
    if (byTasks || (tasks.length === 0 && feature.status === 'landed')) landed.add(feature.id);
  }
  return landed;
}
