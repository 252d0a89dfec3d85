import type { EngineErrorRecord } from '../model/error-record.ts';
import type { JsonValue } from '../model/json.ts';
import type { ContextMetadata, StageExecutionRecord } from '../model/stage-record.ts';
import type { StatusTransition } from '../model/task.ts';
import type { Lifecycle, Status } from '../model/vocabulary.ts';

export interface TaskHistory {
  readonly task_id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly current_status: Status;
  readonly status_transitions: readonly StatusTransition[];
  readonly stage_executions: readonly {
    readonly stage_id: string;
    readonly status: Status;
    readonly started_at: string;
    readonly completed_at: string;
  }[];
}

export interface TaskSummary {
  readonly task_id: string;
  readonly status: Status;
  readonly lifecycle: Lifecycle;
  readonly created_at: string;
  readonly updated_at: string;
  readonly duration_ms: number;
  readonly stage_count: number;
  readonly completed_stages: number;
  readonly has_errors: boolean;
  readonly current_output: JsonValue;
}

/** A task with the tasks it made, in creation order. */
export interface TaskLineage {
  readonly task_id: string;
  readonly status: Status;
  readonly lineage_type: 'clone' | 'subtask' | null;
  readonly children: readonly TaskLineage[];
}

/** One step of a replay: what a node saw, did and left behind. */
export interface ReplayStep {
  /** From 0. */
  readonly index: number;
  readonly record: StageExecutionRecord;
  /** Output of the task after the step. */
  readonly output_after: JsonValue;
  readonly error: EngineErrorRecord | null;
}

export interface ContextInspection {
  readonly profile_id: string | null;
  readonly metadata: ContextMetadata | null;
}
