import type { MetricsSnapshot } from '../protocol/metrics.ts';
import type { TaskId } from '../ids.ts';
import { activeMsUntil } from './fold-run.ts';
import type { Spend } from './spend-state.ts';
import type { AttemptStatus, RunState, TaskState, TaskStatus } from './run-state.ts';

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
    ...(hasBook(state) ? { budget: reportBudget(state) } : {}),
  };
}

/** Whether there is anything to say of the budget: a bound, or something spent. */
function hasBook({ spend: { policy, byProvider } }: RunState): boolean {
  return Object.keys(policy).length > 0 || Object.keys(byProvider).length > 0;
}

function reportBudget({ spend }: RunState): NonNullable<MetricsSnapshot['budget']> {
  const { total, policy, byProvider, open, exhausted } = spend;
  return {
    spent: inUsd(total),
    openReservations: open.size,
    byProvider: Object.fromEntries(Object.entries(byProvider).map(([name, spend]) => [name, inUsd(spend)])),
    policy,
    ...(exhausted === undefined ? {} : { exhausted: exhausted.message }),
  };
}

const inUsd = ({ nanoUsd, tokens }: Spend) => ({ usd: nanoUsd / 1e9, tokens });

/**
 * Features whose tasks have landed, or that were landed when the run began. A task that failed or was
 * cancelled counts against its feature until one planned in a later round has landed.
 */
export function landedFeatures(state: RunState): ReadonlySet<TaskId> {
  const landed = new Set<TaskId>();
  for (const feature of state.features) {
    const tasks = [...state.tasks.values()].filter((task) => task.task.features.includes(feature.id));
    if (tasks.length === 0 ? feature.status === 'landed' : haveLanded(tasks)) landed.add(feature.id);
  }
  return landed;
}

function haveLanded(tasks: readonly TaskState[]): boolean {
  const newest = Math.max(...tasks.filter((task) => task.status === 'landed').map((task) => task.round));
  return tasks.every((task) => task.status === 'landed' || (task.status !== 'open' && task.round < newest));
}
