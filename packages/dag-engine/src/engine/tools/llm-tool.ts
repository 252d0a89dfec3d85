import type { AgentDefinition, ToolDefinition } from '../model/manifest-set.ts';
import { repairJson } from './json-engine.ts';
import { askModel } from './ask-model.ts';
import type { LlmClient, SchemaChecker, ToolHandler } from './tool-ports.ts';

export interface LlmToolParts {
  readonly client: LlmClient;
  readonly agent: AgentDefinition;
  readonly schemas: SchemaChecker;
}

/** Makes the handler of an `llm_tool`: the model of the calling agent gets the tool and its inputs as JSON. */
export function createLlmTool(definition: ToolDefinition, parts: LlmToolParts): ToolHandler {
  const { outputs_schema_id: schema } = definition;
  return async (inputs, { signal }) => {
    const payload = {
      template_version: 'v1',
      tool: { tool_id: definition.tool_id, description: definition.description },
      inputs,
      ...(schema === null ? {} : { output_schema: parts.schemas.schemaOf(schema) }),
    };
    const reply = await askModel(parts, { payload, signal });
    if (typeof reply !== 'string') return reply;
    const read = repairJson(reply);
    return read.ok ? read.value : reply;
  };
}
