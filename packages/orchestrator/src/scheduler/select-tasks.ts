import { isInScope, scopePathsOverlap, type RunState, type Task, type TaskState } from '@agentswarm/core';
import { createScheduler, createTaskGraph, type NodeStatus, type Scheduler } from '@agentswarm/dag-engine';
import { attemptsOf, countedAttempts, isPending, isRunning } from './attempt-count.ts';

export interface SchedulingLimits {
  readonly maxWorkers: number;
  readonly maxAttempts: number;
  /** Paths that are never leased. */
  readonly shared: readonly string[];
}

/**
 * The tasks to start now, in order: every dependency has landed, no attempt is pending, attempts
 * are left, a worker is free, and no path is held by another task. More urgent tasks first, then
 * those with the longest chain of dependants behind them, then by id.
 */
export function selectTasks(state: RunState, limits: SchedulingLimits): Task[] {
  const attempts = [...state.attempts.values()];
  const free = limits.maxWorkers - attempts.filter(isRunning).length;
  const leased = attempts
    .filter(isPending)
    .flatMap((attempt) => leasesOf(state.tasks.get(attempt.taskId)?.task, limits));
  const selected: Task[] = [];
  if (free <= 0) return selected;
  const scheduler = schedulerOf(state, limits);
  for (let task = scheduler.start(); task !== undefined; task = scheduler.start()) {
    const leases = leasesOf(task, limits);
    // A task whose paths are held counts as started: it is looked at again after the next event.
    if (leases.some((path) => leased.some((held) => scopePathsOverlap(path, held)))) continue;
    leased.push(...leases);
    selected.push(task);
    if (selected.length >= free) break;
  }
  return selected;
}

function schedulerOf(state: RunState, limits: SchedulingLimits): Scheduler<Task> {
  const tasks = [...state.tasks.values()].toSorted((a, b) => (a.task.id < b.task.id ? -1 : 1));
  return createScheduler(createTaskGraph(tasks.map(({ task }) => task)), {
    priorityOf: (task) => task.priority,
    statuses: new Map(tasks.map((task) => [task.task.id, nodeStatusOf(task, { state, limits })])),
  });
}

/** Where a task is, as the graph sees it. One whose attempts are used up is about to be given up. */
function nodeStatusOf(
  task: TaskState,
  { state, limits }: { readonly state: RunState; readonly limits: SchedulingLimits },
): NodeStatus {
  if (task.status === 'landed') return 'complete';
  if (task.status !== 'open') return 'failed';
  if (attemptsOf(task, state).some(isPending)) return 'running';
  return countedAttempts(task, state) < limits.maxAttempts ? 'pending' : 'failed';
}

function leasesOf(task: Task | undefined, { shared }: SchedulingLimits): string[] {
  return (task?.scope ?? []).filter((path) => !isInScope(path, shared));
}
