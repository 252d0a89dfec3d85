import { toSwarmError } from '@agentswarm/core';
import { isJsonObject, type JsonValue } from '../model/json.ts';
import type { EvaluationAssertion } from '../model/manifest-set.ts';
import type { RunResult } from '../model/run-result.ts';
import type { SchemaRef } from '../model/workflow.ts';
import { deepEqual } from './deep-equal.ts';
import type { AssertionResult } from './evaluation-result.ts';
import { valueAt } from './field-path.ts';

/** A check that people write: true, or what was wrong. */
export type CustomAssertion = (
  output: JsonValue,
  result: RunResult,
) =>
  | boolean
  | { readonly passed: boolean; readonly message?: string }
  | Promise<boolean | { readonly passed: boolean; readonly message?: string }>;

export interface AssertionPorts {
  /** What a value violates; undefined when there is no such schema. */
  readonly issuesOf: (schema: SchemaRef, value: JsonValue) => readonly string[] | undefined;
  /** Schema of what a node puts out; `null` without one. */
  readonly outputSchemaOf: (nodeId: string) => SchemaRef | null;
  /** Finds a custom assertion; rejects when there is none. */
  readonly loadAssertion: (entrypoint: string) => Promise<CustomAssertion>;
}

/** A verdict: `undefined` is a pass, text says what was wrong. */
type Verdict = string | undefined;

/** Checks one assertion on a finished run. A check that cannot be made is an `error`, never a pass. */
export async function checkAssertion(
  assertion: EvaluationAssertion,
  result: RunResult,
  ports: AssertionPorts,
): Promise<AssertionResult> {
  const actual = assertion.type === 'status' ? result.status : valueAt(result.output, assertion.field_path);
  try {
    const wrong = await verdictOn(assertion, { actual, result, ports });
    return wrong === undefined
      ? { assertion, status: 'passed', actual_value: actual, error_message: null }
      : {
          assertion,
          status: 'failed',
          actual_value: actual,
          error_message: assertion.message === '' ? wrong : assertion.message,
        };
  } catch (error) {
    return { assertion, status: 'error', actual_value: actual, error_message: toSwarmError(error).message };
  }
}

interface Checked {
  readonly actual: JsonValue;
  readonly result: RunResult;
  readonly ports: AssertionPorts;
}

async function verdictOn(assertion: EvaluationAssertion, checked: Checked): Promise<Verdict> {
  const { actual, result } = checked;
  const expected = assertion.expected ?? null;
  switch (assertion.type) {
    case 'equals':
    case 'status':
      return deepEqual(actual, expected) ? undefined : `expected ${shown(expected)}, got ${shown(actual)}`;
    case 'contains':
      return contains(actual, expected) ? undefined : `${shown(actual)} does not contain ${shown(expected)}`;
    case 'schema_valid':
      return schemaVerdict(assertion, checked);
    case 'custom': {
      const check = await checked.ports.loadAssertion(assertion.custom_function ?? '');
      const answer = await check(result.output, result);
      const { passed, message = 'the custom check failed' } =
        typeof answer === 'boolean' ? { passed: answer } : answer;
      return passed ? undefined : message;
    }
  }
}

function contains(actual: JsonValue, expected: JsonValue): boolean {
  if (typeof actual === 'string') return typeof expected === 'string' && actual.includes(expected);
  if (Array.isArray(actual))
    return (actual as readonly JsonValue[]).some((item) => deepEqual(item, expected));
  return isJsonObject(actual) && typeof expected === 'string' && Object.hasOwn(actual, expected);
}

function schemaVerdict({ expected }: EvaluationAssertion, { actual, result, ports }: Checked): Verdict {
  const last = result.current_node;
  const schema = typeof expected === 'string' ? expected : last === null ? null : ports.outputSchemaOf(last);
  if (schema === null) return actual === null ? 'there is no output' : undefined;
  const issues = ports.issuesOf(schema, actual);
  if (issues === undefined) return `there is no schema ${shown(schema)}`;
  return issues.length === 0 ? undefined : issues.join('; ');
}

function shown(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
