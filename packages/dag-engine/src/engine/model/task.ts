import type { JsonObject, JsonValue } from './json.ts';
import type { StageExecutionRecord } from './stage-record.ts';
import type { FailureCode, Lifecycle, Severity, Status, TaskMode, TaskPriority } from './vocabulary.ts';

export interface TaskSpec {
  readonly task_spec_id: string;
  readonly request: JsonValue;
  readonly mode: TaskMode;
  readonly priority: TaskPriority;
  readonly hints: readonly string[];
  readonly files: readonly string[];
  readonly overrides: readonly JsonObject[];
  /** `project_id` selects the project memory; `default` without one. */
  readonly metadata: JsonObject;
}

interface RoutingTraceEntry {
  readonly stage_id: string;
  readonly decision: string | null;
  readonly agent_id: string | null;
  readonly timestamp: string;
}

export interface FailureSignature {
  readonly code: FailureCode;
  readonly message: string;
  readonly stage_id: string | null;
  readonly severity: Severity;
  readonly metadata: JsonObject;
}

export interface StatusTransition {
  readonly status: Status;
  readonly timestamp: string;
}

export type LineageType = 'clone' | 'subtask';

/** A task as it changes while it runs. What leaves the engine is a frozen copy of it: {@link TaskView}. */
export interface Task {
  readonly task_id: string;
  readonly spec: TaskSpec;
  lifecycle: Lifecycle;
  status: Status;
  current_stage_id: string | null;
  current_output: JsonValue;
  /** The last record of every node this task ran. */
  readonly stage_results: Record<string, StageExecutionRecord>;
  /** In execution order. */
  readonly history: StageExecutionRecord[];
  readonly routing_trace: RoutingTraceEntry[];
  readonly failure_signatures: FailureSignature[];
  readonly status_transitions: StatusTransition[];
  context_fingerprint: string | null;
  readonly parent_task_id: string | null;
  readonly lineage_type: LineageType | null;
  lineage_metadata: JsonObject;
  readonly task_memory_ref: string;
  readonly project_memory_ref: string;
  readonly global_memory_ref: string;
  readonly created_at: string;
  updated_at: string;
  /** In creation order. */
  readonly child_task_ids: string[];
}

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

/** A deeply frozen copy of a task. */
export type TaskView = { readonly [Key in keyof Task]: Frozen<Task[Key]> };
