import { copyJson } from '../tools/copy-json.ts';
import type { EngineErrorRecord } from '../model/error-record.ts';
import { isJsonObject, type JsonValue } from '../model/json.ts';
import type { SchemaRef } from '../model/workflow.ts';
import type { Failure } from '../tools/failure.ts';
import { validateJson } from '../tools/json-engine.ts';
import type { SchemaChecker } from '../tools/tool-ports.ts';
import type { NodeVisit } from '../routing/node-executor.ts';
import type { Stage } from './stage.ts';

/** Why a node must not even begin: its policy, its place or its input; the first objection counts. */
export function entryObjection(stage: Stage): Failure | null {
  const { visit, parts } = stage;
  const schema = { schema: visit.node.inputs_schema_id, direction: 'input' } as const;
  return (
    policyObjection(stage) ?? exitObjection(visit) ?? schemaObjection(parts.schemas, schema, visit.input)
  );
}

function policyObjection(stage: Stage): Failure | null {
  const { id } = stage.visit.node;
  const verdict = stage.parts.policy.check('node', id);
  if (verdict.allowed) return null;
  const { reason, set } = verdict;
  stage.emit('policy_denied', { target: 'node', target_id: id, reason });
  return {
    error_id: 'node_policy_denied',
    code: 'security',
    message: reason,
    source: 'policy',
    details: { policy: set },
  };
}

/** Why an EXIT must not run: it is no deterministic node, or its task has done nothing yet. */
function exitObjection({ node, task, input }: NodeVisit): Failure | null {
  if (node.role !== 'exit') return null;
  if (node.kind !== 'deterministic') return exitFailure(`EXIT "${node.id}" is not deterministic`);
  const untouched = task.status === 'pending' && task.history.length === 0 && input === null;
  return untouched ? exitFailure(`task reached EXIT "${node.id}" pending and without an output`) : null;
}

/** Why a value may not enter or leave a node. */
export function schemaObjection(
  schemas: SchemaChecker,
  { schema, direction }: { readonly schema: SchemaRef | null; readonly direction: 'input' | 'output' },
  value: JsonValue,
): Failure | null {
  if (schema === null) return null;
  const checked = validateJson(schemas, schema, value);
  if (checked.ok) return null;
  return {
    ...checked.failure,
    error_id: `${direction}_schema_mismatch`,
    message: `the ${direction} ${checked.failure.message}`,
  };
}

/** A failure that another part has recorded already. */
export function failureOf({ error_id, code, message, source, details }: EngineErrorRecord): Failure {
  const copied = copyJson(details);
  const told = copied.ok && isJsonObject(copied.value) ? { details: copied.value } : {};
  return { error_id, code, message, source, ...told };
}

function exitFailure(message: string): Failure {
  return { error_id: 'exit_guard_failed', code: 'validation', message, source: 'runtime' };
}
