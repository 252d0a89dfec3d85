import type { JsonValue } from '../model/json.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
import type { Task } from '../model/task.ts';
import type { Lifecycle, Status } from '../model/vocabulary.ts';
import { snapshot } from './snapshot.ts';

/** `at` is when it happens, as {@link Task.updated_at} has it. */
export function changeStatus(task: Task, status: Status, at: string): void {
  task.updated_at = at;
  if (task.status === status) return;
  task.status = status;
  task.status_transitions.push({ status, timestamp: at });
}

export function changeLifecycle(task: Task, lifecycle: Lifecycle, at: string): void {
  task.lifecycle = lifecycle;
  task.updated_at = at;
}

export function changeOutput(task: Task, output: JsonValue, at: string): void {
  task.current_output = snapshot(output);
  task.updated_at = at;
}

/** Appends what a node did; `record` must be a snapshot. */
export function appendRecord(task: Task, record: StageExecutionRecord): void {
  task.history.push(record);
  task.stage_results[record.node_id] = record;
  task.updated_at = record.completed_at;
}

/** Lets the status get worse (completed, partial, failed), never better. */
export function worsenStatus(task: Task, status: 'partial' | 'failed', at: string): void {
  if (task.status !== 'failed') changeStatus(task, status, at);
}

/** Decides a status that is still open: nothing was bad so far. */
export function settleStatus(task: Task, at: string): void {
  if (task.status === 'pending' || task.status === 'in_progress') changeStatus(task, 'completed', at);
}
