import type { Memories } from '../memory/memories.ts';
import type { ContextPackage } from '../model/context.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { TaskView } from '../model/task.ts';
import type { EngineErrorCode } from '../model/vocabulary.ts';
import type { WorkflowNode } from '../model/workflow.ts';
import type { ToolReply } from '../tools/tool-session.ts';

/** What a deterministic node works with, besides its task. */
export interface NodeContext {
  readonly input: JsonValue;
  /** `null` where the node has no context. */
  readonly package: ContextPackage | null;
  /**
   * What the task, its project and everyone remember, for what a later context is to have besides outputs. Adding to
   * it rejects once the node has ended.
   */
  readonly memory: Memories;
  /** Aborts when the node's time is over or the run is cancelled. */
  readonly signal: AbortSignal;
  /**
   * Calls a tool that the node lists, under the same checks, records and events as an agent's plan. Never rejects;
   * misuse fails the node, whatever the operation makes of the reply.
   */
  callTool(toolId: string, inputs: JsonObject): Promise<ToolReply>;
}

/** A failure that an operation tells instead of throwing. */
export interface OpError {
  readonly message: string;
  /** Default `deterministic_execution_failed`. */
  readonly error_id?: string;
  /** Default `unknown`. */
  readonly code?: EngineErrorCode;
}

/** `output` must be JSON data. */
export type OpResult = { readonly output: unknown } | { readonly error: string | OpError };

/** What a deterministic node does. `task` is deeply frozen. A throw fails the node. */
export type DeterministicOp = (
  task: TaskView,
  node: WorkflowNode,
  context: NodeContext,
) => OpResult | Promise<OpResult>;
