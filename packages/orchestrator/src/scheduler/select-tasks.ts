import { isInScope, scopePathsOverlap, type RunState, type Task, type TaskState } from '@agentswarm/core';
import { createTaskGraph, criticalPathWeights } from '@agentswarm/dag-engine';
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
  for (const task of inOrder(findReadyTasks(state, limits), state)) {
    if (selected.length >= free) break;
    const leases = leasesOf(task, limits);
    if (leases.some((path) => leased.some((held) => scopePathsOverlap(path, held)))) continue;
    leased.push(...leases);
    selected.push(task);
  }
  return selected;
}

function findReadyTasks(state: RunState, limits: SchedulingLimits): Task[] {
  const isReady = (task: TaskState) =>
    task.status === 'open' &&
    task.task.dependsOn.every((id) => state.tasks.get(id)?.status === 'landed') &&
    !attemptsOf(task, state).some(isPending) &&
    countedAttempts(task, state) < limits.maxAttempts;
  return [...state.tasks.values()].filter(isReady).map((task) => task.task);
}

function inOrder(ready: readonly Task[], state: RunState): Task[] {
  if (ready.length < 2) return [...ready];
  const graph = createTaskGraph([...state.tasks.values()].map((task) => task.task));
  const weights = criticalPathWeights(graph);
  const weight = (task: Task) => weights.get(task.id) ?? 0;
  return ready.toSorted((a, b) => a.priority - b.priority || weight(b) - weight(a) || (a.id < b.id ? -1 : 1));
}

function leasesOf(task: Task | undefined, { shared }: SchedulingLimits): string[] {
  return (task?.scope ?? []).filter((path) => !isInScope(path, shared));
}
