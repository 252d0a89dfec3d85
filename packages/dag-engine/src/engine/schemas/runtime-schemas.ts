import type { JsonObject } from '../model/json.ts';
import {
  ERROR_CODES,
  ERROR_SOURCES,
  EVENT_TYPES,
  FAILURE_CODES,
  LIFECYCLES,
  SEVERITIES,
  STATUSES,
  TASK_MODES,
  TASK_PRIORITIES,
  TOOL_STEP_KINDS,
} from '../model/vocabulary.ts';
import { ANY, COUNT, ID, list, MAPPING, oneOf, orNull, record, ref, TEXT, TEXTS } from './schema-terms.ts';

const RATIO: JsonObject = { type: 'number', minimum: 0, maximum: 1 };

/** What a run produces. */
export const RUNTIME_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  task_spec: record(
    { task_spec_id: ID, request: ANY },
    {
      mode: oneOf(TASK_MODES),
      priority: oneOf(TASK_PRIORITIES),
      hints: TEXTS,
      files: TEXTS,
      overrides: list(MAPPING),
      metadata: MAPPING,
    },
  ),
  task: record(
    { task_id: ID, spec: ref('task_spec'), lifecycle: oneOf(LIFECYCLES), status: oneOf(STATUSES) },
    {
      current_stage_id: orNull(ID),
      current_output: ANY,
      stage_results: MAPPING,
      history: list(MAPPING),
      failure_signatures: list(ref('failure_signature')),
      parent_task_id: orNull(ID),
      lineage_type: oneOf(['clone', 'subtask', null]),
      lineage_metadata: MAPPING,
      child_task_ids: TEXTS,
      created_at: TEXT,
      updated_at: TEXT,
    },
  ),
  failure_signature: record(
    { code: oneOf(FAILURE_CODES), message: TEXT },
    { stage_id: orNull(ID), severity: oneOf(SEVERITIES), metadata: MAPPING },
  ),
  engine_error: record(
    { error_id: ID, code: oneOf(ERROR_CODES), message: TEXT, source: oneOf(ERROR_SOURCES) },
    {
      severity: oneOf(SEVERITIES),
      details: orNull(MAPPING),
      stage_id: orNull(ID),
      task_id: orNull(ID),
      timestamp: orNull(TEXT),
    },
  ),
  event: record(
    { event_id: ID, type: oneOf(EVENT_TYPES), timestamp: TEXT, payload: MAPPING },
    { seq: COUNT, name: ID, task_id: orNull(ID), stage_id: orNull(ID), metadata: MAPPING },
  ),
  tool_step: record({ tool_id: ID, inputs: MAPPING }, { reason: TEXT, kind: oneOf(TOOL_STEP_KINDS) }),
  tool_plan: record({ steps: list(ref('tool_step')) }),
  tool_call_record: record(
    { call_id: ID, tool_id: ID, stage_id: ID, inputs: MAPPING },
    {
      output: ANY,
      error: orNull(ref('engine_error')),
      started_at: TEXT,
      completed_at: TEXT,
      metadata: MAPPING,
    },
  ),
  execution_input: record(
    { task_id: ID, node_id: ID, input: ANY },
    { context: orNull(ref('context_package')) },
  ),
  execution_output: record(
    { output: ANY },
    { error: orNull(ref('engine_error')), tool_calls: list(MAPPING) },
  ),
  gather_context_input: ref('context_request'),
  gather_context_output: ref('context_package'),
  context_request: record({ task_id: ID, profile_id: ID }, { max_tokens: COUNT, tags: TEXTS }),
  context_package: record(
    { context_package_id: ID, items: list(ref('context_item')) },
    { summary: orNull(TEXT), compression_ratio: orNull(RATIO) },
  ),
  context_item: record(
    { context_item_id: ID, kind: TEXT, source: TEXT, payload: ANY },
    {
      timestamp: TEXT,
      tags: TEXTS,
      importance: orNull(RATIO),
      token_cost: orNull({ type: 'number', minimum: 0 }),
      metadata: MAPPING,
    },
  ),
  context_fingerprint: record({ fingerprint: ID }, { task_id: ID, item_ids: TEXTS, metadata: MAPPING }),
};
