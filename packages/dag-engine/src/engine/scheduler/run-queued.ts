import { toSwarmError } from '@agentswarm/core';
import { isoTime, type EngineClock } from '../model/engine-ports.ts';
import type { EngineErrorRecord } from '../model/error-record.ts';
import type { JsonValue } from '../model/json.ts';
import type { RunResult } from '../model/run-result.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
import type { RunningTask } from './queued-task.ts';
import type { TaskQueue } from './task-queue.ts';

/** Runs a workflow. Contract: rejects only when the run could not begin. */
export type RunWorkflow = (
  input: JsonValue,
  startNodeId: string | null,
) => Promise<Pick<RunResult, 'task_id' | 'status' | 'output' | 'history' | 'error'>>;

/** What came of one task of the queue. */
export interface QueueResult {
  /** In the queue. */
  readonly task_id: string;
  /** In the engine; `null` when the run could not begin. */
  readonly engine_task_id: string | null;
  readonly status: string;
  readonly output: JsonValue;
  readonly history: readonly StageExecutionRecord[];
  readonly error?: EngineErrorRecord;
}

export interface RunQueuedOptions {
  readonly queue: TaskQueue;
  readonly run: RunWorkflow;
  readonly clock: EngineClock;
  /** Once aborted nothing more is begun; what runs goes on to its end. */
  readonly signal?: AbortSignal;
  /** Hears of each result, in the order the runs began, as soon as those before it are there. */
  readonly onResult?: ((result: QueueResult) => void) | undefined;
}

/**
 * Runs what waits, and what is enqueued meanwhile, as many at once as the queue lets. Gives the results in the order
 * the runs began; never rejects for a run that failed.
 */
export async function runQueued(options: RunQueuedOptions): Promise<readonly QueueResult[]> {
  const begun: { result?: QueueResult }[] = [];
  const running = new Set<Promise<void>>();
  let toldCount = 0;
  const tell = () => {
    for (let next = begun[toldCount]?.result; next; next = begun[toldCount]?.result) {
      toldCount += 1;
      options.onResult?.(next);
    }
  };
  const begin = () => {
    const task = options.signal?.aborted === true ? null : options.queue.runNext();
    if (task === null) return false;
    const entry: { result?: QueueResult } = {};
    begun.push(entry);
    const done: Promise<void> = runTask(task, options)
      .then((result) => {
        entry.result = result;
        tell();
      })
      .finally(() => running.delete(done));
    running.add(done);
    return true;
  };
  while (begin() || running.size > 0) {
    while (begin());
    await Promise.race(running);
  }
  return begun.flatMap(({ result }) => result ?? []);
}

async function runTask(task: RunningTask, { queue, run, clock }: RunQueuedOptions): Promise<QueueResult> {
  const { task_id } = task;
  const ended = await attempt(task, run, clock);
  const { error, ...result } = ended;
  const { engine_task_id, status, output } = result;
  if (status === 'failure' || status === 'cancelled' || engine_task_id === null) {
    const failure =
      error ?? failedRun(status === 'cancelled' ? 'the run was cancelled' : 'the run failed', clock);
    queue.markFailed(task_id, { engine_task_id, status, output, error: failure });
    return { task_id, ...result, error: failure };
  }
  queue.markCompleted(task_id, { engine_task_id, status, output });
  return { task_id, ...result };
}

async function attempt(
  { input, start_node_id }: RunningTask,
  run: RunWorkflow,
  clock: EngineClock,
): Promise<Omit<QueueResult, 'task_id' | 'error'> & { readonly error: EngineErrorRecord | null }> {
  try {
    const { task_id: engine_task_id, status, output, history, error } = await run(input, start_node_id);
    return { engine_task_id, status, output, history, error };
  } catch (error) {
    const record = failedRun(toSwarmError(error).message, clock);
    return { engine_task_id: null, status: 'failure', output: null, history: [], error: record };
  }
}

function failedRun(message: string, clock: EngineClock): EngineErrorRecord {
  return {
    error_id: 'queued_run_failed',
    code: 'unknown',
    message,
    source: 'scheduler',
    severity: 'error',
    details: null,
    stage_id: null,
    task_id: null,
    timestamp: isoTime(clock),
  };
}
