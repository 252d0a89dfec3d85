import type { JsonObject, JsonValue } from '../model/json.ts';
import type { QueuedTaskState } from '../model/vocabulary.ts';

/** An input that waits for its run, runs or has run. */
export interface QueuedTask {
  /** `queued-task-` and 12 hexadecimal digits; the run's own task has another id. */
  readonly task_id: string;
  readonly input: JsonValue;
  readonly start_node_id: string | null;
  readonly state: QueuedTaskState;
  readonly enqueued_at: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly output: JsonValue;
  /** Why it failed. */
  readonly error: string | null;
  /** `engine_task_id` and `status` of its run, once it has one. */
  readonly metadata: JsonObject;
}

/** How a run ended, for {@link QueuedTask}. */
export interface QueuedRunEnd {
  readonly output: JsonValue;
  readonly error: string | null;
  readonly metadata: JsonObject;
}
