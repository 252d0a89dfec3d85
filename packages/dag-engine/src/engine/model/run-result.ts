import type { JsonValue } from './json.ts';
import type { StageExecutionRecord } from './stage-record.ts';
import type { EngineErrorRecord } from './error-record.ts';
import type { Status } from './vocabulary.ts';

/** One execution of a node for a task. */
export interface TraceEntry {
  readonly seq: number;
  readonly task_id: string;
  readonly node_id: string;
  readonly status: Status;
}

/** What came of a run, well or not. */
export interface RunResult {
  readonly task_id: string;
  /** `success`, `failure`, `partial`, or `cancelled` where it was aborted. */
  readonly status: string;
  readonly output: JsonValue;
  /** Why the root task failed; `null` otherwise. */
  readonly error: EngineErrorRecord | null;
  readonly start_node: string;
  readonly current_node: string | null;
  /** Of the root task, in execution order. */
  readonly history: readonly StageExecutionRecord[];
  /** Node ids in execution order over the whole lineage. */
  readonly node_sequence: readonly string[];
  /** Every execution over the whole lineage. */
  readonly trace: readonly TraceEntry[];
  readonly execution_time_ms: number;
  readonly manifest_digest: string;
}
