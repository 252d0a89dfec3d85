import type { EngineErrorRecord } from './error-record.ts';
import type { JsonValue } from './json.ts';
import type { ToolCallRecord, ToolPlan } from './tool-call.ts';
import type { NodeKind, NodeRole, Status } from './vocabulary.ts';

/** How the context of a node was chosen. */
export interface ContextMetadata {
  readonly items_count: number;
  readonly total_tokens: number;
  readonly profile_id: string;
  readonly dropped_count: number;
  /** Present when the protected items alone did not fit. */
  readonly budget_exceeded?: true;
}

/** One execution of one node for one task, with input and output exactly as seen. */
export interface StageExecutionRecord {
  readonly task_id: string;
  /** Execution order over the whole lineage, from 1. */
  readonly seq: number;
  readonly attempt: 1;
  readonly node_id: string;
  readonly node_role: NodeRole;
  readonly node_kind: NodeKind;
  readonly input: JsonValue;
  readonly output: JsonValue;
  readonly error: EngineErrorRecord | null;
  readonly node_status: Status;
  readonly tool_plan: ToolPlan | null;
  readonly tool_calls: readonly ToolCallRecord[];
  /** `null` where the node has no context. */
  readonly context_profile_id: string | null;
  readonly context_metadata: ContextMetadata | null;
  readonly started_at: string;
  readonly completed_at: string;
}
