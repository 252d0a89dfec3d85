import type { ContextPackage } from '../../model/context.ts';
import type { JsonObject } from '../../model/json.ts';
import type { WorkflowNode } from '../../model/workflow.ts';
import type { ToolPorts } from '../../tools/tool-ports.ts';
import type { NodeVisit } from '../../routing/node-executor.ts';

const TOOL_INSTRUCTIONS =
  'Answer with one JSON object. "main_result" is your result. If tools are needed, also give "tool_plan": ' +
  '{"steps": [{"tool_id": one of the tools above, "inputs": an object, "reason": why, ' +
  '"kind": "read" | "write" | "analyze" | "test"}]}. The steps run in order after your answer.';

/** What an agent's model is told, ready to become JSON. */
export function buildPrompt(
  { task, node, input }: Pick<NodeVisit, 'task' | 'node' | 'input'>,
  context: ContextPackage | null,
  { tools, schemas }: Pick<ToolPorts, 'tools' | 'schemas'>,
): object {
  const { outputs_schema_id: schema } = node;
  const offered = offeredTools(node, { tools, schemas });
  return {
    template_version: 'v1',
    agent_stage: node.id,
    task_mode: task.spec.mode,
    task_request: task.spec.request,
    input,
    context: (context?.items ?? []).map((item) => item.payload),
    tools: offered,
    schema_id: typeof schema === 'string' ? schema : null,
    ...(schema === null ? {} : { output_schema: schemas.schemaOf(schema) }),
    ...(offered.length === 0 ? {} : { instructions: TOOL_INSTRUCTIONS }),
  };
}

function offeredTools(
  node: WorkflowNode,
  { tools, schemas }: Pick<ToolPorts, 'tools' | 'schemas'>,
): readonly JsonObject[] {
  return node.tools.flatMap((id) => {
    const definition = tools.get(id)?.definition;
    if (definition?.enabled !== true) return [];
    const { tool_id, description, inputs_schema_id: schema } = definition;
    return [
      { tool_id, description, ...(schema === null ? {} : { inputs_schema: schemas.schemaOf(schema) }) },
    ];
  });
}
