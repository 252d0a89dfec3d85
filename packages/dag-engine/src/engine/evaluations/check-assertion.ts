import { toSwarmError } from '@agentswarm/core';
import { isJsonObject, type JsonValue } from '../model/json.ts';
import { isSameJson } from '../model/json-equality.ts';
import type { EvaluationAssertion } from '../model/manifest-set.ts';
import type { RunResult } from '../model/run-result.ts';
import type { EvaluationStatus } from '../model/vocabulary.ts';
import type { SchemaRef } from '../model/workflow.ts';
import { outputField } from './output-field.ts';

/** What an evaluation looks at of a run. */
export type EvaluatedRun = Pick<RunResult, 'task_id' | 'status' | 'output' | 'history'>;

/** Contract: `true`, `false`, or an object that says why; a rejection makes the case an error. */
export type CustomAssertion = (output: JsonValue, result: EvaluatedRun) => unknown;

export interface AssertionPorts {
  /** What is wrong with a value; nothing when it fits the schema. Contract: throws for an unknown schema. */
  readonly checkSchema: (schema: SchemaRef, value: JsonValue) => readonly { readonly message: string }[];
  /** Schema of what a node gives, for `schema_valid` without a schema; `null` when it has none. */
  readonly outputSchemaOf: (nodeId: string) => SchemaRef | null;
  /** Finds the function of a `custom` assertion. Contract: rejects when there is none. */
  readonly resolveCustom: (entrypoint: string) => Promise<CustomAssertion>;
}

/** What came of one assertion. */
export interface AssertionResult {
  readonly assertion: EvaluationAssertion;
  readonly status: Exclude<EvaluationStatus, 'skipped'>;
  /** What was found at the field. */
  readonly actual_value: JsonValue;
  readonly error_message: string | null;
}

/** `null` when it holds; a text says why it does not; an object, why that cannot be told. */
type Finding = string | null | { readonly error: string };

/** Checks one assertion; one that cannot be checked is an error, never passed. */
export async function checkAssertion(
  assertion: EvaluationAssertion,
  result: EvaluatedRun,
  ports: AssertionPorts,
): Promise<AssertionResult> {
  const actual =
    assertion.type === 'status' ? result.status : outputField(result.output, assertion.field_path);
  try {
    const finding = await findFault(assertion, { actual, result, ports });
    if (finding === null) return { assertion, status: 'passed', actual_value: actual, error_message: null };
    if (typeof finding === 'object') {
      return { assertion, status: 'error', actual_value: actual, error_message: finding.error };
    }
    return { assertion, status: 'failed', actual_value: actual, error_message: assertion.message || finding };
  } catch (error) {
    return { assertion, status: 'error', actual_value: actual, error_message: toSwarmError(error).message };
  }
}

interface Subject {
  readonly actual: JsonValue;
  readonly result: EvaluatedRun;
  readonly ports: AssertionPorts;
}

async function findFault(assertion: EvaluationAssertion, subject: Subject): Promise<Finding> {
  const { actual, result, ports } = subject;
  switch (assertion.type) {
    case 'equals':
    case 'status':
      return isSameJson(actual, assertion.expected ?? null)
        ? null
        : `expected ${textOf(assertion)}, got ${shown(actual)}`;
    case 'contains':
      return contains(actual, assertion.expected ?? null)
        ? null
        : `${shown(actual)} does not contain ${textOf(assertion)}`;
    case 'schema_valid':
      return findSchemaFault(assertion, subject);
    case 'custom': {
      const custom = await ports.resolveCustom(assertion.custom_function ?? '');
      return verdictOf(await custom(result.output, result));
    }
  }
}

function findSchemaFault({ expected }: EvaluationAssertion, { actual, result, ports }: Subject): Finding {
  const last = result.history.at(-1)?.node_id;
  const declared =
    typeof expected === 'string' || (expected !== undefined && isJsonObject(expected)) ? expected : null;
  const schema = declared ?? (last === undefined ? null : ports.outputSchemaOf(last));
  if (schema === null) return actual === null ? 'there is no output' : null;
  const issues = ports.checkSchema(schema, actual);
  return issues.length === 0 ? null : issues.map(({ message }) => message).join('; ');
}

/** A text in a text, an item in a list, a key in an object. */
function contains(actual: JsonValue, expected: JsonValue): boolean {
  if (typeof actual === 'string') return typeof expected === 'string' && actual.includes(expected);
  if (isList(actual)) return actual.some((item) => isSameJson(item, expected));
  return isJsonObject(actual) && typeof expected === 'string' && Object.hasOwn(actual, expected);
}

function verdictOf(verdict: unknown): Finding {
  if (typeof verdict === 'boolean') return verdict ? null : 'the custom assertion does not hold';
  if (typeof verdict !== 'object' || verdict === null || !('passed' in verdict)) {
    return { error: 'the custom assertion gave neither a boolean nor { passed }' };
  }
  if (verdict.passed === true) return null;
  return 'message' in verdict && typeof verdict.message === 'string'
    ? verdict.message
    : 'the custom assertion does not hold';
}

function textOf({ expected }: EvaluationAssertion): string {
  return shown(expected ?? null);
}

function shown(value: JsonValue): string {
  return JSON.stringify(value);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
