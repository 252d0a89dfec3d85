import { EngineError } from '../errors.ts';
import type { EventEmitter } from '../model/engine-event.ts';
import { isoTime, type EngineClock, type EngineIds } from '../model/engine-ports.ts';
import { deepFreeze, type JsonValue } from '../model/json.ts';
import type { SchedulerConfig } from '../model/manifest-set.ts';
import type { QueuedRunEnd, QueuedTask } from './queued-task.ts';

/** Tasks that have run and are still remembered. */
const KEPT_TASKS = 1000;

export interface TaskQueueParts {
  readonly config: SchedulerConfig;
  readonly clock: EngineClock;
  readonly ids: EngineIds;
  readonly events: EventEmitter;
}

/** First in, first out, with room for a number of tasks that run at once. */
export class TaskQueue {
  readonly #parts: TaskQueueParts;
  readonly #tasks = new Map<string, QueuedTask>();
  #waiting: readonly string[] = [];
  readonly #running = new Set<string>();
  #finished: readonly string[] = [];

  constructor(parts: TaskQueueParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#waiting.length;
  }

  get runningCount(): number {
    return this.#running.size;
  }

  /** Of those that are still remembered. */
  get finishedCount(): number {
    return this.#finished.length;
  }

  /** Copies, in the order they were queued. */
  get tasks(): readonly QueuedTask[] {
    return [...this.#tasks.values()];
  }

  find(taskId: string): QueuedTask | undefined {
    return this.#tasks.get(taskId);
  }

  /**
   * Gives the task's id.
   *
   * @throws {EngineError} `QUEUE_DISABLED` or `QUEUE_FULL`.
   */
  enqueue(input: JsonValue, startNodeId: string | null): string {
    const { config, clock, ids } = this.#parts;
    if (!config.enabled)
      throw new EngineError('QUEUE_DISABLED', 'the scheduler is off: scheduler.yaml has enabled: false');
    const limit = config.max_queue_size;
    if (limit !== null && this.size >= limit) {
      this.#tell('queue_full', null, { queue_size: this.size, max_size: limit });
      throw new EngineError('QUEUE_FULL', `Queue full (limit: ${limit})`, { details: { limit } });
    }
    const task_id = `queued-task-${ids.hex(12)}`;
    this.#put({
      task_id,
      input,
      start_node_id: startNodeId,
      state: 'queued',
      enqueued_at: isoTime(clock),
      started_at: null,
      completed_at: null,
      output: null,
      error: null,
      metadata: {},
    });
    this.#waiting = [...this.#waiting, task_id];
    this.#tell('task_queued', task_id, { queued_task_id: task_id, queue_size: this.size });
    return task_id;
  }

  /** Takes the next task out of the queue; undefined when there is none or no room for it. */
  startNext(): QueuedTask | undefined {
    const [taskId, ...rest] = this.#waiting;
    const task = taskId === undefined ? undefined : this.#tasks.get(taskId);
    if (task === undefined || this.#running.size >= this.#parts.config.max_concurrency) return undefined;
    this.#waiting = rest;
    this.#running.add(task.task_id);
    this.#tell('task_dequeued', task.task_id, { queued_task_id: task.task_id, queue_size: this.size });
    return this.#put({ ...task, state: 'running', started_at: isoTime(this.#parts.clock) });
  }

  /** Whether the task was running. */
  complete(taskId: string, end: QueuedRunEnd): boolean {
    return this.#finish(taskId, 'completed', end);
  }

  /** Whether the task was running. */
  fail(taskId: string, end: QueuedRunEnd): boolean {
    return this.#finish(taskId, 'failed', end);
  }

  #finish(taskId: string, state: 'completed' | 'failed', end: QueuedRunEnd): boolean {
    const task = this.#tasks.get(taskId);
    if (task === undefined || !this.#running.delete(taskId)) return false;
    this.#put({ ...task, ...end, state, completed_at: isoTime(this.#parts.clock) });
    this.#finished = [...this.#finished, taskId];
    for (const forgotten of this.#finished.slice(0, -KEPT_TASKS)) this.#tasks.delete(forgotten);
    this.#finished = this.#finished.slice(-KEPT_TASKS);
    return true;
  }

  #put(task: QueuedTask): QueuedTask {
    const frozen = deepFreeze(structuredClone(task));
    this.#tasks.set(task.task_id, frozen);
    return frozen;
  }

  #tell(
    name: 'queue_full' | 'task_queued' | 'task_dequeued',
    taskId: string | null,
    payload: Readonly<Record<string, JsonValue>>,
  ): void {
    this.#parts.events.emit({ name, task_id: taskId, stage_id: null, payload });
  }
}
