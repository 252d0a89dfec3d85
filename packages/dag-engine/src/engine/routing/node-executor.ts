import type { EngineErrorRecord } from '../model/error-record.ts';
import type { JsonValue } from '../model/json.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
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
  /** Why an output cannot be routed on (a decision without a known label, a split without parts). */
  checkOutput(output: JsonValue): EngineErrorRecord | null;
}

/**
 * Runs nodes. Contract: `execute` emits `node_started` and then `node_completed` or `node_failed`; it
 * never rejects for a failure of the node, the record says it; an output that
 * {@link NodeVisit.checkOutput} objects to fails the node with that error; when `signal` aborts it
 * returns soon.
 */
export interface NodeExecutor {
  execute(visit: NodeVisit): Promise<StageExecutionRecord>;
}
