import type { AgentDefinition } from '../model/manifest-set.ts';
import type { SchemaRef } from '../model/workflow.ts';
import type { Fields } from './fields.ts';
import { OUTPUT_SCHEMA_NAMES, readSchemaRef } from './schema-ref.ts';

/** What the nodes of an agent take from it unless they say otherwise. */
export interface NodeDefaults {
  readonly context: string | null;
  readonly tools: readonly string[];
  readonly outputs_schema_id: SchemaRef | null;
}

export interface ParsedAgent {
  readonly definition: AgentDefinition;
  readonly nodeDefaults: NodeDefaults;
}

/** Reads an entry of `agents.yaml`. */
export function parseAgent(fields: Fields): ParsedAgent {
  const id = fields.requiredText('id');
  if (!fields.has('kind')) fields.problem('"kind" is missing');
  else if (fields.value('kind') !== 'agent') fields.at(`${fields.path}.kind`).problem('must be "agent"');
  const definition: AgentDefinition = {
    id,
    kind: 'agent',
    ...modelOf(fields),
    config: fields.object('config'),
    description: fields.prose('description'),
  };
  const nodeDefaults: NodeDefaults = {
    context: fields.optionalText('context'),
    tools: fields.texts('tools'),
    outputs_schema_id: readSchemaRef(fields, OUTPUT_SCHEMA_NAMES),
  };
  fields.close();
  return { definition, nodeDefaults };
}

/** `provider/model`; a model without a provider is the default provider's. */
function modelOf(fields: Fields): Pick<AgentDefinition, 'provider' | 'model'> {
  const text = fields.requiredText(['llm', 'model']);
  const slash = text.indexOf('/');
  if (slash < 0) return { provider: null, model: text };
  const [provider, model] = [text.slice(0, slash).trim(), text.slice(slash + 1).trim()];
  if (provider === '' || model === '') fields.problem('"llm" must be "provider/model" or a model');
  return { provider, model };
}
