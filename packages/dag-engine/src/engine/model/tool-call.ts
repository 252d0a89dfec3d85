import type { EngineErrorRecord } from './error-record.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { ToolStepKind } from './vocabulary.ts';

export interface ToolPlanStep {
  readonly tool_id: string;
  readonly inputs: JsonObject;
  readonly reason: string;
  readonly kind: ToolStepKind;
}

export interface ToolPlan {
  readonly steps: readonly ToolPlanStep[];
}

export interface ToolCallRecord {
  /** `call-` and 8 hexadecimal digits. */
  readonly call_id: string;
  readonly tool_id: string;
  readonly stage_id: string;
  readonly inputs: JsonObject;
  readonly output: JsonValue;
  readonly error: EngineErrorRecord | null;
  readonly started_at: string;
  readonly completed_at: string;
  readonly metadata: JsonObject;
}
