import type { ContextPackage } from '../model/context.ts';
import type { EngineErrorRecord } from '../model/error-record.ts';
import type { JsonValue } from '../model/json.ts';
import type { ContextMetadata, StageExecutionRecord } from '../model/stage-record.ts';
import type { Task } from '../model/task.ts';
import type { WorkflowNode } from '../model/workflow.ts';

/** One node about to run for one task. */
export interface NodeVisit {
  readonly task: Task;
  readonly node: WorkflowNode;
  /** Deeply frozen: what the task has, or the merge payload. */
  readonly input: JsonValue;
  readonly seq: number;
  readonly signal: AbortSignal;
  /** Why an output cannot be routed on; it then fails the node. */
  checkOutput?(output: JsonValue): EngineErrorRecord | null;
}

/**
 * Runs nodes. Contract: `execute` emits `node_started` and then `node_completed` or `node_failed`, and never rejects
 * for a failure of the node: the record says it.
 */
export interface NodeExecutor {
  execute(visit: NodeVisit): Promise<StageExecutionRecord>;
}

export interface AssembledContext {
  readonly package: ContextPackage | null;
  readonly metadata: ContextMetadata | null;
}

/** Where nodes get what they may read. */
export interface ContextSource {
  assemble(task: Task, contextId: string): Promise<AssembledContext | { readonly error: EngineErrorRecord }>;
}

/** Keeps what a node that succeeded did. A rejection fails the node. */
export interface NodeMemory {
  remember(task: Task, record: StageExecutionRecord): Promise<void> | void;
}
