import type { EventEmitter, EventName } from '../model/engine-event.ts';
import { isoTime, type EngineClock, type EngineIds } from '../model/engine-ports.ts';
import type { EngineErrorRecord } from '../model/error-record.ts';
import { createJsonFreezer, type TextMapping } from '../model/frozen-json.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { SchedulerConfig } from '../model/manifest-set.ts';
import type { EndedTask, QueuedTask, RunningTask, WaitingTask } from './queued-task.ts';

/** Ended tasks beyond so many are forgotten, the oldest first. */
const MAX_ENDED = 1000;

export interface TaskQueueOptions {
  readonly config: SchedulerConfig;
  readonly clock: EngineClock;
  readonly ids: EngineIds;
  readonly events: EventEmitter;
  /** Removes known secret values from what {@link TaskQueue.getTaskState} and the like show. */
  readonly redact?: TextMapping;
}

export type EnqueueResult =
  | { readonly kind: 'queued'; readonly task_id: string }
  | { readonly kind: 'full'; readonly message: string }
  | { readonly kind: 'disabled'; readonly message: string };

export interface EnqueueRequest {
  readonly input: JsonValue;
  readonly startNodeId?: string | null;
  readonly metadata?: JsonObject;
}

/** How a run ended, for {@link TaskQueue.markCompleted}. */
export interface RunOutcome {
  readonly engine_task_id: string;
  readonly status: string;
  readonly output: JsonValue;
}

/** How a run failed, for {@link TaskQueue.markFailed}. */
export interface RunFailure {
  readonly engine_task_id: string | null;
  /** The run's own word; default `failure`. */
  readonly status?: string;
  readonly output: JsonValue;
  readonly error: EngineErrorRecord;
}

/** The queue as it is now. */
export interface QueueStatus {
  readonly scheduler_enabled: boolean;
  readonly max_concurrency: number;
  readonly queue_policy: 'fifo';
  readonly max_queue_size: number | null;
  readonly queue_size: number;
  readonly running_count: number;
  /** Runs that ended, well or not, and are still known. */
  readonly completed_count: number;
  readonly tasks: Readonly<Record<string, QueuedTask>>;
}

const freeze = createJsonFreezer();

/** First in, first out; at most `max_concurrency` run at once. Knows of tasks, runs none. */
export class TaskQueue {
  readonly #options: TaskQueueOptions;
  readonly #waiting = new Map<string, WaitingTask>();
  readonly #running = new Map<string, RunningTask>();
  readonly #ended = new Map<string, EndedTask>();

  constructor(options: TaskQueueOptions) {
    this.#options = options;
  }

  get queueSize(): number {
    return this.#waiting.size;
  }

  get runningCount(): number {
    return this.#running.size;
  }

  get completedCount(): number {
    return this.#ended.size;
  }

  enqueue({ input, startNodeId = null, metadata = {} }: EnqueueRequest): EnqueueResult {
    const { config, clock, ids } = this.#options;
    if (!config.enabled) return { kind: 'disabled', message: 'the scheduler is disabled' };
    const { max_queue_size } = config;
    if (max_queue_size !== null && this.#waiting.size >= max_queue_size) {
      this.#say('queue_full', { queue_size: this.#waiting.size, max_size: max_queue_size });
      return { kind: 'full', message: `Queue full (limit: ${max_queue_size})` };
    }
    const task: WaitingTask = {
      task_id: this.#unusedId(`queued-task-${ids.hex(12)}`),
      input: freeze(input),
      start_node_id: startNodeId,
      state: 'queued',
      metadata: freeze(metadata) as JsonObject,
      enqueued_at: isoTime(clock),
    };
    this.#waiting.set(task.task_id, Object.freeze(task));
    this.#say('task_queued', { queued_task_id: task.task_id, queue_size: this.#waiting.size });
    return { kind: 'queued', task_id: task.task_id };
  }

  /** Lets the first in the queue run; `null` when none waits or as many run as may. */
  runNext(): RunningTask | null {
    const { config, clock } = this.#options;
    const [head] = this.#waiting.values();
    if (head === undefined || this.#running.size >= config.max_concurrency) return null;
    this.#waiting.delete(head.task_id);
    const task: RunningTask = Object.freeze({ ...head, state: 'running', started_at: isoTime(clock) });
    this.#running.set(task.task_id, task);
    this.#say('task_dequeued', { queued_task_id: task.task_id, queue_size: this.#waiting.size });
    return task;
  }

  /** Whether it was running. */
  markCompleted(taskId: string, { engine_task_id, status, output }: RunOutcome): boolean {
    return this.#end(taskId, (started) => ({
      ...started,
      state: 'completed',
      engine_task_id,
      status,
      output,
    }));
  }

  /** Whether it was running. */
  markFailed(taskId: string, { engine_task_id, status = 'failure', output, error }: RunFailure): boolean {
    return this.#end(taskId, (started) => ({
      ...started,
      state: 'failed',
      engine_task_id,
      status,
      output,
      error,
    }));
  }

  getTaskState(taskId: string): QueuedTask | undefined {
    const task = this.#waiting.get(taskId) ?? this.#running.get(taskId) ?? this.#ended.get(taskId);
    return task && this.#shown(task);
  }

  /** Ended first, then running, then waiting: in the order they left the queue or will. */
  getAllStates(): Readonly<Record<string, QueuedTask>> {
    const tasks = [...this.#ended, ...this.#running, ...this.#waiting];
    return Object.fromEntries(tasks.map(([id, task]) => [id, this.#shown(task)]));
  }

  getStatus(): QueueStatus {
    const { enabled, max_concurrency, queue_policy, max_queue_size } = this.#options.config;
    return {
      scheduler_enabled: enabled,
      max_concurrency,
      queue_policy,
      max_queue_size,
      queue_size: this.queueSize,
      running_count: this.runningCount,
      completed_count: this.completedCount,
      tasks: this.getAllStates(),
    };
  }

  /** No task takes the place of another even when the source of ids repeats itself. */
  #unusedId(wanted: string): string {
    let id = wanted;
    for (let number = 2; this.getTaskState(id) !== undefined; number += 1) id = `${wanted}-${number}`;
    return id;
  }

  /** What a run gave is redacted already; its input is as it was given. */
  #shown(task: QueuedTask): QueuedTask {
    const { redact } = this.#options;
    return redact === undefined
      ? task
      : Object.freeze({ ...task, input: createJsonFreezer(redact)(task.input) });
  }

  #end(
    taskId: string,
    end: (started: RunningTask & { readonly completed_at: string }) => EndedTask,
  ): boolean {
    const running = this.#running.get(taskId);
    if (running === undefined) return false;
    this.#running.delete(taskId);
    this.#ended.set(taskId, Object.freeze(end({ ...running, completed_at: isoTime(this.#options.clock) })));
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= MAX_ENDED) break;
      this.#ended.delete(oldest);
    }
    return true;
  }

  #say(name: EventName, payload: JsonObject): void {
    this.#options.events.emit({ name, task_id: null, stage_id: null, payload });
  }
}
