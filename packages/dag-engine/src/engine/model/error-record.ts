import type { JsonObject } from './json.ts';
import type { EngineErrorCode, EngineErrorSource, Severity } from './vocabulary.ts';

/** A failure as data: what records, events and results hold. */
export interface EngineErrorRecord {
  /** What failed, for programs: `merge_no_inputs`, `tool_not_allowed`, `node_execution_timeout`, … */
  readonly error_id: string;
  readonly code: EngineErrorCode;
  readonly message: string;
  readonly source: EngineErrorSource;
  readonly severity: Severity;
  readonly details: JsonObject | null;
  readonly stage_id: string | null;
  readonly task_id: string | null;
  /** ISO-8601 UTC with milliseconds. */
  readonly timestamp: string | null;
}
