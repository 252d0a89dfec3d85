import { expect, it } from 'vitest';
import type { NewArtifact } from '../artifacts/artifact-store.ts';
import type { Occurrence } from '../model/engine-event.ts';
import type { JsonValue } from '../model/json.ts';
import type { EvaluationAssertion, EvaluationCase, EvaluationSuite } from '../model/manifest-set.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
import type { EvaluatedRun } from './check-assertion.ts';
import { Evaluator, type EvaluatorOptions } from './evaluator.ts';

function assertion(
  type: EvaluationAssertion['type'],
  fields: Partial<EvaluationAssertion> = {},
): EvaluationAssertion {
  return { type, expected: undefined, field_path: '', custom_function: null, message: '', ...fields };
}

function aCase(
  assertions: readonly EvaluationAssertion[],
  fields: Partial<EvaluationCase> = {},
): EvaluationCase {
  return {
    id: 'c',
    description: '',
    input: null,
    start_node_id: null,
    enabled: true,
    tags: [],
    assertions,
    ...fields,
  };
}

const OUTPUT = { text: 'hello world', items: [{ name: 'a' }, { name: 'b', id: 2 }], none: null };

function createEvaluator(options: Partial<EvaluatorOptions> = {}, output: JsonValue = OUTPUT) {
  let nowMs = 0;
  const artifacts: NewArtifact[] = [];
  const occurrences: Occurrence[] = [];
  const evaluator = new Evaluator({
    run: async (): Promise<EvaluatedRun> => ({
      task_id: 'task-1',
      status: 'success',
      output,
      history: [{ node_id: 'exit' } as StageExecutionRecord],
    }),
    artifacts: {
      add: (artifact) => {
        artifacts.push(artifact);
        return { metadata: {} as never, payload: null };
      },
    },
    events: { emit: (occurrence) => void occurrences.push(occurrence) },
    clock: { nowMs: () => (nowMs += 5) },
    checkSchema: (schema, value) => {
      if (schema === 'unknown') throw new RangeError('unknown schema');
      return schema === 'string' && typeof value !== 'string' ? [{ message: 'not a text' }] : [];
    },
    outputSchemaOf: () => null,
    resolveCustom: async () => () => true,
    ...options,
  });
  const statusOf = async (...assertions: EvaluationAssertion[]) =>
    (await evaluator.runCase(aCase(assertions))).status;
  return { evaluator, artifacts, occurrences, statusOf };
}

it.each<[string, EvaluationAssertion, string]>([
  ['equal text', assertion('equals', { field_path: 'text', expected: 'hello world' }), 'passed'],
  ['other text', assertion('equals', { field_path: 'text', expected: 'hello' }), 'failed'],
  [
    'the order of keys',
    assertion('equals', { field_path: 'items.1', expected: { id: 2, name: 'b' } }),
    'passed',
  ],
  [
    'the order of items',
    assertion('equals', { field_path: 'items', expected: [{ name: 'b', id: 2 }, { name: 'a' }] }),
    'failed',
  ],
  ['more keys', assertion('equals', { field_path: 'items.0', expected: { name: 'a', id: 1 } }), 'failed'],
  ['a missing field', assertion('equals', { field_path: 'a.b.c', expected: null }), 'passed'],
  ['a length', assertion('equals', { field_path: 'items.length', expected: 2 }), 'failed'],
  ['an inherited field', assertion('equals', { field_path: 'constructor', expected: null }), 'passed'],
  ['a text within', assertion('contains', { field_path: 'text', expected: 'lo wo' }), 'passed'],
  [
    'an item within',
    assertion('contains', { field_path: 'items', expected: { id: 2, name: 'b' } }),
    'passed',
  ],
  ['a key within', assertion('contains', { expected: 'items' }), 'passed'],
  ['an inherited key', assertion('contains', { expected: 'toString' }), 'failed'],
  ['something in nothing', assertion('contains', { field_path: 'none', expected: 'x' }), 'failed'],
  ['the status', assertion('status', { expected: 'success' }), 'passed'],
  ['another status', assertion('status', { expected: 'failure' }), 'failed'],
  ['a schema', assertion('schema_valid', { expected: 'string', field_path: 'text' }), 'passed'],
  ['a schema that does not fit', assertion('schema_valid', { expected: 'string' }), 'failed'],
  ['no schema anywhere', assertion('schema_valid'), 'passed'],
  ['no schema and no output', assertion('schema_valid', { field_path: 'none' }), 'failed'],
  ['an unknown schema', assertion('schema_valid', { expected: 'unknown' }), 'error'],
  ['a custom function', assertion('custom', { custom_function: './a.ts:check' }), 'passed'],
])('checks %s', async (_title, one, expected) => {
  expect(await createEvaluator().statusOf(one)).toBe(expected);
});

it('takes the schema of the node that ran last when none is named', async () => {
  const { statusOf } = createEvaluator({ outputSchemaOf: (nodeId) => (nodeId === 'exit' ? 'string' : null) });
  expect(await statusOf(assertion('schema_valid'))).toBe('failed');
});

it('asks custom functions, which may explain themselves, and does not pass what they cannot say', async () => {
  const check = async (custom: unknown) => {
    const resolveCustom = async () => () => custom;
    const { evaluator } = createEvaluator({ resolveCustom });
    const { status, error_message } = await evaluator.runCase(aCase([assertion('custom')]));
    return [status, error_message];
  };
  expect(await check(false)).toEqual(['failed', 'the custom assertion does not hold']);
  expect(await check(Promise.resolve({ passed: false, message: 'too long' }))).toEqual([
    'failed',
    'too long',
  ]);
  expect(await check({ passed: true })).toEqual(['passed', null]);
  expect(await check('yes')).toEqual(['error', 'the custom assertion gave neither a boolean nor { passed }']);
  expect(await check(Promise.reject(new RangeError('crashed')))).toEqual(['error', 'crashed']);
});

it('reports a case whole, keeps it as an artifact and says that it is done', async () => {
  const { evaluator, artifacts, occurrences } = createEvaluator({}, 'out');
  const failing = assertion('equals', { expected: 'in', message: 'must be in' });
  const broken = assertion('schema_valid', { expected: 'unknown' });
  const result = await evaluator.runCase(aCase([failing, broken, assertion('equals', { expected: 'out' })]));
  expect(result).toEqual({
    case_id: 'c',
    case_description: '',
    status: 'error',
    task_id: 'task-1',
    task_status: 'success',
    task_output: 'out',
    assertion_results: [
      { assertion: failing, status: 'failed', actual_value: 'out', error_message: 'must be in' },
      { assertion: broken, status: 'error', actual_value: 'out', error_message: 'unknown schema' },
      {
        assertion: assertion('equals', { expected: 'out' }),
        status: 'passed',
        actual_value: 'out',
        error_message: null,
      },
    ],
    execution_time_ms: 5,
    error_message: 'unknown schema',
    timestamp: '1970-01-01T00:00:00.015Z',
  });
  expect(artifacts).toEqual([
    { task_id: 'task-1', node_id: null, artifact_type: 'telemetry_snapshot', payload: result },
  ]);
  expect(occurrences).toEqual([
    {
      name: 'evaluation_completed',
      task_id: 'task-1',
      stage_id: null,
      payload: { case_id: 'c', status: 'error', execution_time_ms: 5 },
    },
  ]);
});

it('makes a run that could not begin an error, and a disabled case skipped', async () => {
  const run = async () => {
    throw new RangeError('start node "x" not found');
  };
  const { evaluator, artifacts, occurrences } = createEvaluator({ run });
  expect(await evaluator.runCase(aCase([]))).toMatchObject({
    status: 'error',
    task_id: null,
    error_message: 'start node "x" not found',
    execution_time_ms: 5,
  });
  expect(artifacts.map((artifact) => artifact.task_id)).toEqual(['eval_c']);
  expect(await evaluator.runCase(aCase([], { enabled: false }))).toMatchObject({
    status: 'skipped',
    execution_time_ms: 0,
  });
  expect(occurrences).toHaveLength(1);
});

it('begins nothing once aborted, and reports what was done', async () => {
  const controller = new AbortController();
  const run = async (): Promise<EvaluatedRun> => {
    controller.abort();
    return { task_id: 't', status: 'success', output: 1, history: [] };
  };
  const { evaluator, artifacts } = createEvaluator({ run });
  const cases = ['a', 'b'].map((id) => aCase([assertion('equals', { expected: 1 })], { id }));
  const suite: EvaluationSuite = { name: 's', description: '', tags: [], cases };
  const { suites, totals } = await evaluator.evaluateSuites([suite, suite], { signal: controller.signal });
  expect(totals).toMatchObject({ total: 4, passed: 1, skipped: 3 });
  expect(suites[0]?.results[1]).toMatchObject({
    status: 'skipped',
    error_message: 'the evaluation was interrupted',
  });
  expect(artifacts).toHaveLength(1);
});

it('selects cases by their tags or those of their suite, and counts what came of them', async () => {
  const suite = (name: string, tags: string[], cases: EvaluationCase[]): EvaluationSuite => ({
    name,
    description: '',
    tags,
    cases,
  });
  const suites = [
    suite('one', ['fast'], [aCase([]), aCase([assertion('status', { expected: 'failure' })], { id: 'd' })]),
    suite('two', [], [aCase([], { id: 'e', tags: ['fast'], enabled: false }), aCase([], { id: 'f' })]),
    suite('three', ['slow'], [aCase([], { id: 'g' })]),
  ];
  const { evaluator } = createEvaluator();
  const report = await evaluator.evaluateSuites(suites, { tags: ['fast'] });
  expect(report.totals).toEqual({ total: 3, passed: 1, failed: 1, skipped: 1, error: 0 });
  expect(report.suites.map(({ name, results }) => [name, results.map(({ case_id }) => case_id)])).toEqual([
    ['one', ['c', 'd']],
    ['two', ['e']],
  ]);
  expect((await evaluator.evaluateSuites(suites)).totals.total).toBe(5);
});
