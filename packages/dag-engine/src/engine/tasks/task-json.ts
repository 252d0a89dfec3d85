import { z } from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
import type { Task } from '../model/task.ts';
import {
  ERROR_CODES,
  ERROR_SOURCES,
  FAILURE_CODES,
  LIFECYCLES,
  NODE_KINDS,
  NODE_ROLES,
  SEVERITIES,
  STATUSES,
  TASK_MODES,
  TASK_PRIORITIES,
} from '../model/vocabulary.ts';
import { emptyResults } from './create-task.ts';
import { snapshot } from './snapshot.ts';

// The schemas only look: what passes is taken as it is, never coerced, completed or stripped. Maps are
// looked at by their values, because zod leaves out a key called `__proto__`.
const text = z.string();
const nullableText = z.nullable(text);
const texts = z.array(text);
const json = z.custom<JsonValue>((value) => value !== undefined);
const jsonObject = z.custom<JsonObject>(isJsonObject, 'expected an object');

const ErrorSchema = z.object({
  error_id: text,
  code: z.enum(ERROR_CODES),
  message: text,
  source: z.enum(ERROR_SOURCES),
  severity: z.enum(SEVERITIES),
  details: z.nullable(jsonObject),
  stage_id: nullableText,
  task_id: nullableText,
  timestamp: nullableText,
});

const ToolCallSchema = z.object({
  call_id: text,
  tool_id: text,
  stage_id: text,
  inputs: jsonObject,
  output: json,
  error: z.nullable(ErrorSchema),
  started_at: text,
  completed_at: text,
  metadata: jsonObject,
});

const RecordSchema = z.object({
  task_id: text,
  seq: z.int().min(1),
  attempt: z.literal(1),
  node_id: text,
  node_role: z.enum(NODE_ROLES),
  node_kind: z.enum(NODE_KINDS),
  input: json,
  output: json,
  error: z.nullable(ErrorSchema),
  node_status: z.enum(STATUSES),
  tool_plan: z.nullable(z.object({ steps: z.array(jsonObject) })),
  tool_calls: z.array(ToolCallSchema),
  context_profile_id: nullableText,
  context_metadata: z.nullable(jsonObject),
  started_at: text,
  completed_at: text,
});

const SpecSchema = z.object({
  task_spec_id: text,
  request: json,
  mode: z.enum(TASK_MODES),
  priority: z.enum(TASK_PRIORITIES),
  hints: texts,
  files: texts,
  overrides: z.array(jsonObject),
  metadata: jsonObject,
});

const TaskSchema = z.object({
  task_id: text.min(1),
  spec: SpecSchema,
  lifecycle: z.enum(LIFECYCLES),
  status: z.enum(STATUSES),
  current_stage_id: nullableText,
  current_output: json,
  stage_results: jsonObject.transform((results) => Object.values(results)).pipe(z.array(RecordSchema)),
  history: z.array(RecordSchema),
  routing_trace: z.array(
    z.object({ stage_id: text, decision: nullableText, agent_id: nullableText, timestamp: text }),
  ),
  failure_signatures: z.array(
    z.object({
      code: z.enum(FAILURE_CODES),
      message: text,
      stage_id: nullableText,
      severity: z.enum(SEVERITIES),
      metadata: jsonObject,
    }),
  ),
  status_transitions: z.array(z.object({ status: z.enum(STATUSES), timestamp: text })),
  context_fingerprint: nullableText,
  parent_task_id: nullableText,
  lineage_type: z.nullable(z.enum(['clone', 'subtask'])),
  lineage_metadata: jsonObject,
  task_memory_ref: text,
  project_memory_ref: text.startsWith('project_memory:'),
  global_memory_ref: text,
  created_at: text,
  updated_at: text,
  child_task_ids: texts,
});

/** Everything a task is, as data that {@link parseTask} turns back into an equal task. */
export function taskToJson(task: Task): JsonObject {
  return snapshot<JsonObject>({ ...task } as Task & JsonObject);
}

export type ParsedTask =
  | { readonly kind: 'task'; readonly task: Task }
  /** One line for each thing that is wrong, its path first. */
  | { readonly kind: 'invalid'; readonly issues: readonly string[] };

/** Reads what {@link taskToJson} wrote. The task shares nothing with `value`. */
export function parseTask(value: JsonValue): ParsedTask {
  const checked = TaskSchema.safeParse(value);
  if (!checked.success) {
    return {
      kind: 'invalid',
      issues: checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
    };
  }
  const stored = snapshot<unknown>(value) as Task;
  return {
    kind: 'task',
    task: {
      ...stored,
      stage_results: Object.assign(emptyResults(), stored.stage_results),
      history: [...stored.history] satisfies StageExecutionRecord[],
      routing_trace: [...stored.routing_trace],
      failure_signatures: [...stored.failure_signatures],
      status_transitions: [...stored.status_transitions],
      child_task_ids: [...stored.child_task_ids],
    },
  };
}
