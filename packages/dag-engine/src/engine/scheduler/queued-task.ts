import type { EngineErrorRecord } from '../model/error-record.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';

interface Queued {
  /** `queued-task-` and 12 hexadecimal digits; not the id of the task the engine makes of it. */
  readonly task_id: string;
  readonly input: JsonValue;
  /** `null` is the default start. */
  readonly start_node_id: string | null;
  readonly metadata: JsonObject;
  readonly enqueued_at: string;
}

interface Started extends Queued {
  readonly started_at: string;
}

interface Ended extends Started {
  readonly completed_at: string;
}

export type WaitingTask = Queued & { readonly state: 'queued' };
export type RunningTask = Started & { readonly state: 'running' };
/** How a run ended; `status` is the run's own word: one that is `partial` completed, one that is `cancelled` failed. */
export type EndedTask =
  | (Ended & {
      readonly state: 'completed';
      readonly engine_task_id: string;
      readonly status: string;
      readonly output: JsonValue;
    })
  | (Ended & {
      readonly state: 'failed';
      /** `null` when the run could not even begin. */
      readonly engine_task_id: string | null;
      readonly status: string;
      readonly output: JsonValue;
      readonly error: EngineErrorRecord;
    });

/** A task that waits for its run, runs, or has run. */
export type QueuedTask = WaitingTask | RunningTask | EndedTask;
