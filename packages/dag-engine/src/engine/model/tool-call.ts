import type { EngineErrorRecord } from './error-record.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { ToolStepKind } from './vocabulary.ts';

export interface ToolPlanStep {
  readonly tool_id: string;
  readonly inputs: JsonObject;
  readonly reason: string;
  readonly kind: ToolStepKind;
}

/** The tools an agent asks for, in order. */
export interface ToolPlan {
  readonly steps: readonly ToolPlanStep[];
}

/** One call of a tool, with inputs and output exactly as seen. */
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
