import type { JsonValue } from '../model/json.ts';
import { ERROR_CODES } from '../model/vocabulary.ts';
import { copyJson } from '../tools/copy-json.ts';
import { describeThrown, failure, success, type Failure, type Outcome } from '../tools/failure.ts';
import type { ToolSession } from '../tools/tool-session.ts';
import type { DeterministicOp, NodeContext, OpError } from './deterministic-op.ts';
import type { AssembledContext, NodeMemory } from './node-ports.ts';
import type { NodeVisit } from '../routing/node-executor.ts';
import { viewTask } from './task-view.ts';

export interface DeterministicRun {
  readonly op: DeterministicOp;
  readonly visit: NodeVisit;
  readonly context: AssembledContext | null;
  readonly session: ToolSession;
  readonly memory: Pick<NodeMemory, 'memoriesOf'>;
  readonly signal: AbortSignal;
}

/** Runs a deterministic node's operation; rejects when the operation does. */
export async function runDeterministic(run: DeterministicRun): Promise<Outcome<JsonValue>> {
  const { visit, session, signal } = run;
  let hasReturned = false;
  const context: NodeContext = {
    input: visit.input,
    package: run.context?.package ?? null,
    memory: run.memory.memoriesOf(visit.task, () => hasReturned || signal.aborted),
    signal,
    callTool: (tool_id, inputs) => session.call({ tool_id, inputs, reason: '', kind: 'analyze' }),
  };
  try {
    const result: unknown = await run.op(viewTask(visit.task), visit.node, Object.freeze(context));
    return readResult(result, visit.input);
  } finally {
    hasReturned = true;
  }
}

function readResult(result: unknown, input: JsonValue): Outcome<JsonValue> {
  if (typeof result !== 'object' || result === null) return failed('gave neither an output nor an error');
  const { output, error } = result as { readonly output?: unknown; readonly error?: unknown };
  if (error !== undefined && error !== null) return failure(toldFailure(error));
  if (output === undefined) return failed('gave neither an output nor an error');
  // What is passed on unchanged is frozen JSON already.
  return output === input ? success(input) : outputOf(output);
}

/** The output as JSON data, or `output_not_json`. */
function outputOf(output: unknown): Outcome<JsonValue> {
  const copied = copyJson(output);
  if (copied.ok) return success(copied.value);
  return failure({
    error_id: 'output_not_json',
    code: 'json',
    message: `the output is not JSON: ${copied.path} ${copied.reason}`,
    source: 'runtime',
  });
}

/** Operations are foreign code, so what they tell is read carefully. */
function toldFailure(error: unknown): Failure {
  if (typeof error !== 'object' || error === null) return deterministicFailure(describeThrown(error));
  const { message, error_id, code } = error as Partial<Record<keyof OpError, unknown>>;
  return {
    ...deterministicFailure(
      typeof message === 'string' && message !== '' ? message : 'gave an error without a message',
    ),
    ...(typeof error_id === 'string' && error_id !== '' ? { error_id } : {}),
    code: ERROR_CODES.find((known) => known === code) ?? 'unknown',
  };
}

function failed(message: string): Outcome<never> {
  return failure(deterministicFailure(message));
}

export function deterministicFailure(message: string): Failure {
  return { error_id: 'deterministic_execution_failed', code: 'unknown', message, source: 'runtime' };
}
