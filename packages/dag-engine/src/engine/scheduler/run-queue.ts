import { toSwarmError } from '@agentswarm/core';
import type { JsonValue } from '../model/json.ts';
import type { RunResult } from '../model/run-result.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
import type { QueuedTask } from './queued-task.ts';
import type { TaskQueue } from './task-queue.ts';

/** What came of a queued task. */
export interface QueuedRunResult {
  /** The queue's id. */
  readonly task_id: string;
  /** The run's own task; `null` when there was no run. */
  readonly engine_task_id: string | null;
  /** As in a run's result. */
  readonly status: string;
  readonly output: JsonValue;
  readonly history: readonly StageExecutionRecord[];
  /** Why it failed; `null` otherwise. */
  readonly error: string | null;
}

/** Runs a queued input. Contract: rejects only for inputs and start nodes that cannot be run. */
export type QueuedRunner = (task: QueuedTask, signal: AbortSignal | undefined) => Promise<RunResult>;

/**
 * Runs what is in the queue until it is empty, as many at once as the queue has room for; gives what came
 * of them in the order they were queued. No task's failure stops another. After an abort nothing starts.
 */
export async function runQueue(
  queue: TaskQueue,
  run: QueuedRunner,
  signal?: AbortSignal,
): Promise<readonly QueuedRunResult[]> {
  const results: QueuedRunResult[] = [];
  const running = new Map<string, Promise<string>>();
  let started = 0;
  for (;;) {
    const task = signal?.aborted === true ? undefined : queue.startNext();
    if (task !== undefined) {
      const place = started;
      started += 1;
      const ended = runOne(queue, task, { run, signal }).then((result) => {
        results[place] = result;
        return task.task_id;
      });
      running.set(task.task_id, ended);
    } else if (running.size === 0) return results;
    else running.delete(await Promise.race(running.values()));
  }
}

async function runOne(
  queue: TaskQueue,
  task: QueuedTask,
  { run, signal }: { readonly run: QueuedRunner; readonly signal: AbortSignal | undefined },
): Promise<QueuedRunResult> {
  const { task_id } = task;
  try {
    const { task_id: engine_task_id, status, output, history, error } = await run(task, signal);
    const message = error?.message ?? null;
    const end = { output, error: message, metadata: { engine_task_id, status } };
    if (status === 'failure' || status === 'cancelled') queue.fail(task_id, end);
    else queue.complete(task_id, end);
    return { task_id, engine_task_id, status, output, history, error: message };
  } catch (error) {
    const { message } = toSwarmError(error);
    queue.fail(task_id, { output: null, error: message, metadata: { status: 'failure' } });
    return { task_id, engine_task_id: null, status: 'failure', output: null, history: [], error: message };
  }
}
