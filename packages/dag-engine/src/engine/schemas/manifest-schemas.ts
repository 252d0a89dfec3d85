import type { JsonObject } from '../model/json.ts';
import {
  MERGE_FAILURE_MODES,
  NODE_KINDS,
  NODE_ROLES,
  RETRIEVAL_POLICIES,
  STORE_NAMES,
  TOOL_CAPABILITIES,
  TOOL_KINDS,
  TOOL_RISK_LEVELS,
} from '../model/vocabulary.ts';
import { COUNT, FLAG, ID, list, MAPPING, oneOf, orNull, record, ref, TEXT, TEXTS } from './schema-terms.ts';

const SCHEMA_REF: JsonObject = { anyOf: [ID, MAPPING, { type: 'null' }] };

/** What manifests declare, every alias and default resolved. */
export const MANIFEST_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  node: record(
    { id: ID, kind: oneOf(NODE_KINDS), role: oneOf(NODE_ROLES), context: ID },
    {
      name: TEXT,
      default_start: FLAG,
      agent_id: orNull(ID),
      tools: TEXTS,
      inputs_schema_id: SCHEMA_REF,
      outputs_schema_id: SCHEMA_REF,
      continue_on_failure: FLAG,
      always_fail: FLAG,
      merge_failure_mode: oneOf(MERGE_FAILURE_MODES),
      join: orNull(ID),
      metadata: MAPPING,
    },
  ),
  edge: record({ from: ID, to: ID }, { label: orNull(TEXT), edge_id: orNull(TEXT) }),
  workflow_graph: record({ nodes: list(ref('node')), edges: list(ref('edge')) }),
  agent_definition: record(
    { id: ID, kind: { const: 'agent' }, model: ID },
    { provider: orNull(ID), config: MAPPING, description: TEXT },
  ),
  agent_manifest: record({ agents: list(ref('agent_definition')) }),
  tool_definition: record(
    { tool_id: ID, kind: oneOf(TOOL_KINDS), name: TEXT, description: TEXT },
    {
      type: ID,
      entrypoint: ID,
      inputs_schema_id: SCHEMA_REF,
      outputs_schema_id: SCHEMA_REF,
      capabilities: list(oneOf(TOOL_CAPABILITIES)),
      allowed_context: TEXTS,
      risk_level: oneOf(TOOL_RISK_LEVELS),
      version: TEXT,
      metadata: MAPPING,
      allow_network: FLAG,
      allow_shell: FLAG,
      filesystem_root: orNull(TEXT),
    },
  ),
  memory_config: record(
    {},
    {
      task_store: MAPPING,
      project_store: MAPPING,
      global_store: MAPPING,
      context_profiles: list(ref('context_profile')),
      context_policy: MAPPING,
    },
  ),
  context_profile: record(
    {
      id: ID,
      max_tokens: { type: 'integer', minimum: 1 },
      retrieval_policy: oneOf(RETRIEVAL_POLICIES),
      sources: list(ref('context_profile_source')),
    },
    { metadata: MAPPING },
  ),
  context_profile_source: record({ store: oneOf(STORE_NAMES) }, { tags: TEXTS, inherit: FLAG }),
  override_spec: record(
    {
      kind: oneOf(['llm_config', 'tool_config', 'execution']),
      target: ID,
      value: MAPPING,
    },
    { scope: oneOf(STORE_NAMES), severity: oneOf(['hint', 'enforce']), priority: COUNT },
  ),
};
