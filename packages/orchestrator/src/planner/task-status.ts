import type { AttemptState, RunState, TaskState } from '@agentswarm/core';
import { attemptsOf } from '../scheduler/attempt-count.ts';

/** A task in the words of the planner's prompt. */
export interface TaskStatusView {
  readonly status: 'waiting' | 'ready' | 'running' | 'queued' | 'landed' | 'failed' | 'cancelled';
  readonly detail: string;
}

/** What became of a task so far. */
export function describeTaskStatus(task: TaskState, state: RunState, maxAttempts: number): TaskStatusView {
  const attempts = task.attempts
    .map((id) => state.attempts.get(id))
    .filter((attempt) => attempt !== undefined);
  const current = attempts.at(-1);
  switch (task.status) {
    case 'landed':
      return { status: 'landed', detail: `attempt ${current?.number ?? 1}` };
    case 'failed':
    case 'cancelled':
      return { status: task.status, detail: task.reason ?? '' };
    case 'open':
      return describeOpenTask(task, state, maxAttempts);
  }
}

function describeOpenTask(task: TaskState, state: RunState, maxAttempts: number): TaskStatusView {
  const attempts = attemptsOf(task, state);
  const current = attempts.at(-1);
  const status = openStatus(task, current, state);
  const evidence = attempts.findLast((attempt) => attempt.evidence !== undefined)?.evidence;
  const number = status === 'running' || status === 'queued' ? (current?.number ?? 1) : attempts.length + 1;
  const after = evidence === undefined ? '' : ` after: ${evidence.outcome}, ${evidence.reason}`;
  return { status, detail: `attempt ${number} of ${maxAttempts}${after}` };
}

function openStatus(
  task: TaskState,
  current: AttemptState | undefined,
  state: RunState,
): TaskStatusView['status'] {
  switch (current?.status) {
    case 'dispatched':
    case 'running':
      return 'running';
    case 'handed_off':
    case 'queued':
      return 'queued';
    default:
      return task.task.dependsOn.every((id) => state.tasks.get(id)?.status === 'landed')
        ? 'ready'
        : 'waiting';
  }
}
