import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonValue } from '../model/json.ts';
import type { EvaluationAssertion } from '../model/manifest-set.ts';
import type { RunResult } from '../model/run-result.ts';
import { checkAssertion, type AssertionPorts } from './check-assertion.ts';
import { deepEqual } from './deep-equal.ts';

function resultOf(output: JsonValue): RunResult {
  return {
    task_id: 't',
    status: 'success',
    output,
    error: null,
    start_node: 's',
    current_node: 'exit',
    history: [],
    node_sequence: [],
    trace: [],
    execution_time_ms: 0,
    manifest_digest: '',
  };
}

const ports: AssertionPorts = {
  issuesOf: (schema, value) =>
    schema === 'text' ? (typeof value === 'string' ? [] : ['must be text']) : undefined,
  outputSchemaOf: (nodeId) => (nodeId === 'exit' ? 'text' : null),
  loadAssertion: async (entrypoint) => {
    if (entrypoint === 'yes') return () => true;
    if (entrypoint === 'no') return () => ({ passed: false, message: 'not like that' });
    throw new RangeError(`there is no ${entrypoint}`);
  },
};

async function check(assertion: Partial<EvaluationAssertion>, output: JsonValue, own = ports) {
  const whole = {
    type: 'equals',
    expected: undefined,
    field_path: '',
    custom_function: null,
    message: '',
  } as const;
  const { status, error_message } = await checkAssertion({ ...whole, ...assertion }, resultOf(output), own);
  return error_message === null ? status : `${status}: ${error_message}`;
}

it.each<[string, Partial<EvaluationAssertion>, JsonValue, string]>([
  ['equal whatever the order of keys', { expected: { a: 1, b: [2] } }, { b: [2], a: 1 }, 'passed'],
  ['not equal', { expected: 1 }, 2, 'failed: expected 1, got 2'],
  [
    'a path into arrays',
    { expected: 'x', field_path: 'items.1.name' },
    { items: [{}, { name: 'x' }] },
    'passed',
  ],
  ['a path that leads nowhere is null', { expected: null, field_path: 'a.b.c' }, { a: 1 }, 'passed'],
  ['a prototype is no path', { expected: null, field_path: 'constructor.name' }, {}, 'passed'],
  ['text in text', { type: 'contains', expected: 'ell' }, 'hello', 'passed'],
  ['a member of an array', { type: 'contains', expected: { a: 1 } }, [0, { a: 1 }], 'passed'],
  ['a key of an object', { type: 'contains', expected: 'k' }, { k: null }, 'passed'],
  ['nothing in a number', { type: 'contains', expected: 1 }, 1, 'failed: 1 does not contain 1'],
  ['the status', { type: 'status', expected: 'failure' }, 0, 'failed: expected "failure", got "success"'],
  ['a schema', { type: 'schema_valid', expected: 'text' }, 1, 'failed: must be text'],
  ['the schema of the last node', { type: 'schema_valid' }, 'ok', 'passed'],
  ['an unknown schema', { type: 'schema_valid', expected: 'gone' }, 1, 'failed: there is no schema "gone"'],
  ['a check that says yes', { type: 'custom', custom_function: 'yes' }, 1, 'passed'],
  ['a check that says no', { type: 'custom', custom_function: 'no' }, 1, 'failed: not like that'],
  ['a check that does not exist', { type: 'custom', custom_function: 'gone' }, 1, 'error: there is no gone'],
  ['a message of its own', { expected: 1, message: 'must be one' }, 2, 'failed: must be one'],
])('%s', async (_, assertion, output, expected) => {
  expect(await check(assertion, output)).toBe(expected);
});

it('without any schema wants some output', async () => {
  const none = { ...ports, outputSchemaOf: () => null };
  expect(await check({ type: 'schema_valid' }, null, none)).toBe('failed: there is no output');
  expect(await check({ type: 'schema_valid' }, 0, none)).toBe('passed');
});

it('finds values equal exactly when JSON with sorted keys is the same', () => {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .map(([key, inner]) => [key, sorted(inner)] as const)
              .sort(([a], [b]) => (a < b ? -1 : 1)),
          )
        : value;
  const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(deepEqual(a, b)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
      expect(deepEqual(a, JSON.parse(JSON.stringify(a)) as JsonValue)).toBe(true);
    }),
  );
});
