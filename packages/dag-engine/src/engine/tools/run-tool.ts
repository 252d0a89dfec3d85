import { resolve } from 'node:path';
import { deepFreeze, type JsonObject, type JsonValue } from '../model/json.ts';
import type { AgentDefinition, ToolDefinition } from '../model/manifest-set.ts';
import { copyJson } from './copy-json.ts';
import { ToolError } from './errors.ts';
import { describeThrown, failure, success, type Failure, type Outcome } from './failure.ts';
import { validateJson } from './json-engine.ts';
import { createLlmTool } from './llm-tool.ts';
import { namesBelow } from './names-below.ts';
import { runLimited } from './run-limited.ts';
import type { ToolBinding, ToolHandler, ToolPorts } from './tool-ports.ts';

export interface ToolRun {
  readonly binding: ToolBinding;
  readonly inputs: JsonObject;
  /** Of the calling node; `null` for a deterministic one. */
  readonly agent: AgentDefinition | null;
  readonly signal: AbortSignal;
}

/** How a run of a tool ended; `aborted` when whoever called it no longer waits. */
export type ToolRunEnd = Outcome<JsonValue> | 'aborted';

/** Runs a tool that may be used: inputs checked, confined to its root, limited in time, output checked. */
export async function runTool(ports: ToolPorts, run: ToolRun): Promise<ToolRunEnd> {
  const { definition } = run.binding;
  const misuse = inputObjection(ports, run);
  if (misuse !== null) return failure(misuse);
  const handler = handlerOf(ports, run);
  if (!handler.ok) return handler;
  const root = toolRoot(ports.workspaceRoot, definition);
  if (!root.ok) return root;
  const { workspaceRoot } = ports;
  const ended = await runLimited(
    (signal) => handler.value(run.inputs, { workspaceRoot, root: root.value, signal }),
    { signal: run.signal, timeoutMs: definition.timeout === null ? null : definition.timeout * 1000 },
  );
  switch (ended.kind) {
    case 'aborted':
      return 'aborted';
    case 'timeout':
      return failure(fault('tool_timeout', `no result after ${definition.timeout ?? 0} s`, definition));
    case 'threw':
      return failure(thrownFailure(ended.thrown, definition));
    case 'done':
      return checkOutput(ports, definition, ended.value);
  }
}

/** What a call gives that is only recorded. */
export const DRY_RUN = deepFreeze({ dry_run: true });

/** Checks the inputs of a tool that is not to run. */
export function rehearseTool(ports: ToolPorts, run: Pick<ToolRun, 'binding' | 'inputs'>): Outcome<JsonValue> {
  const misuse = inputObjection(ports, run);
  return misuse === null ? success(DRY_RUN) : failure(misuse);
}

function inputObjection(
  { schemas }: ToolPorts,
  { binding, inputs }: Pick<ToolRun, 'binding' | 'inputs'>,
): Failure | null {
  const { inputs_schema_id: schema, tool_id } = binding.definition;
  if (schema === null) return null;
  const checked = validateJson(schemas, schema, inputs);
  if (checked.ok) return null;
  return {
    ...checked.failure,
    error_id: 'tool_input_schema_mismatch',
    code: 'tool',
    message: `inputs of tool "${tool_id}": ${checked.failure.message}`,
    source: 'tool_runtime',
    misuse: true,
  };
}

function handlerOf(ports: ToolPorts, { binding, agent }: ToolRun): Outcome<ToolHandler> {
  if (binding.run !== 'llm') return success(binding.run);
  const client = agent === null ? undefined : ports.llm.clientFor(agent);
  if (agent !== null && client !== undefined) {
    return success(createLlmTool(binding.definition, { client, agent, schemas: ports.schemas }));
  }
  return failure({
    error_id: 'no_llm_client',
    code: 'config',
    message: `tool "${binding.definition.tool_id}" needs a model, and ${agent === null ? 'its node has no agent' : `none serves agent "${agent.id}"`}`,
    source: 'tool_runtime',
    misuse: true,
  });
}

/** The directory a tool is confined to; a declared one outside the workspace is refused. */
export function toolRoot(workspaceRoot: string, definition: ToolDefinition): Outcome<string> {
  const root = resolve(workspaceRoot, definition.filesystem_root ?? '.');
  if (namesBelow(workspaceRoot, root) !== null) return success(root);
  return failure({
    error_id: 'tool_path_escape',
    code: 'security',
    message: `root of tool "${definition.tool_id}" is outside the workspace`,
    source: 'tool_runtime',
    misuse: true,
  });
}

function checkOutput(ports: ToolPorts, definition: ToolDefinition, output: unknown): Outcome<JsonValue> {
  const copied = copyJson(output);
  if (!copied.ok) {
    return failure(fault('tool_output_not_json', `output ${copied.path} ${copied.reason}`, definition));
  }
  const { outputs_schema_id: schema } = definition;
  if (schema === null) return success(copied.value);
  const checked = validateJson(ports.schemas, schema, copied.value);
  if (checked.ok) return checked;
  return failure({
    ...checked.failure,
    ...fault('tool_output_schema_mismatch', `output ${checked.failure.message}`, definition),
  });
}

function thrownFailure(thrown: unknown, definition: ToolDefinition): Failure {
  const message = describeThrown(thrown);
  if (!(thrown instanceof ToolError) || thrown.code === 'TOOL_FAILED') {
    return fault('tool_execution_failed', message, definition);
  }
  const escaped = thrown.code === 'TOOL_PATH_ESCAPE';
  return {
    ...fault(escaped ? 'tool_path_escape' : 'tool_input_invalid', message, definition),
    code: escaped ? 'security' : 'tool',
    misuse: true,
  };
}

function fault(error_id: string, message: string, { tool_id }: ToolDefinition): Failure {
  return {
    error_id,
    code: error_id === 'tool_timeout' ? 'timeout' : 'tool',
    message: `tool "${tool_id}": ${message}`,
    source: 'tool_runtime',
  };
}
