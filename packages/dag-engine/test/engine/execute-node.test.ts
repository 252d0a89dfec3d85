import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EngineErrorRecord } from '../../src/engine/model/error-record.ts';
import type { MergeStrategy } from '../../src/engine/model/vocabulary.ts';
import type { OpResult } from '../../src/engine/nodes/deterministic-op.ts';
import { AGENT_NODE, bind, executeStage, taskOf, type StageSetup } from './stage-fixture.ts';

const PROPERTY_RUNS = process.env['TEST_DEEP'] ? 3_000 : 150;

it('records, keeps, remembers and tells what a node did', async () => {
  const trial = await executeStage({
    node: { outputs_schema_id: 'document', context: 'notes' },
    input: { topic: 'tea' },
    context: {
      assemble: async () => ({
        package: {
          context_package_id: 'ctx-task-1-notes',
          items: [],
          summary: null,
          compression_ratio: 1,
        },
        metadata: { items_count: 2, total_tokens: 30, profile_id: 'notes', dropped_count: 1 },
      }),
    },
    op: (_task, _node, { input }) => ({ output: { title: 'Tea', about: input } }),
  });
  const output = { title: 'Tea', about: { topic: 'tea' } };
  expect(trial.record).toStrictEqual({
    task_id: 'task-1',
    seq: 7,
    attempt: 1,
    node_id: 'n',
    node_role: 'linear',
    node_kind: 'deterministic',
    input: { topic: 'tea' },
    output,
    error: null,
    node_status: 'completed',
    tool_plan: null,
    tool_calls: [],
    context_profile_id: 'notes',
    context_metadata: { items_count: 2, total_tokens: 30, profile_id: 'notes', dropped_count: 1 },
    started_at: '2026-01-01T00:00:00.000Z',
    completed_at: '2026-01-01T00:00:00.001Z',
  });
  expect(trial.events).toStrictEqual([
    {
      name: 'node_started',
      task_id: 'task-1',
      stage_id: 'n',
      payload: { role: 'linear', kind: 'deterministic', input: { topic: 'tea' }, seq: 7 },
    },
    {
      name: 'context_assembled',
      task_id: 'task-1',
      stage_id: 'n',
      payload: { profile_id: 'notes', item_count: 2, token_count: 30, seq: 7 },
    },
    {
      name: 'node_completed',
      task_id: 'task-1',
      stage_id: 'n',
      payload: { output, status: 'completed', seq: 7 },
    },
  ]);
  expect(trial.artifacts).toStrictEqual([
    {
      task_id: 'task-1',
      node_id: 'n',
      artifact_type: 'node_output',
      schema_ref: 'document',
      additional_metadata: {
        node_role: 'linear',
        node_kind: 'deterministic',
        execution_status: 'completed',
      },
      payload: output,
    },
  ]);
  expect(trial.remembered).toStrictEqual([trial.record]);
});

it('gives the operation the frozen task, the context and the input', async () => {
  const seen: unknown[] = [];
  const task = taskOf({ current_output: 'before' });
  await executeStage({
    task,
    op: (view, node, context) => {
      seen.push(view.task_id, view.spec.request, node.id, context.input, context.package);
      expect(() => ((view.history as unknown[])[0] = 1)).toThrow(TypeError);
      expect(() => ((view as { status: string }).status = 'failed')).toThrow(TypeError);
      return { output: null };
    },
  });
  expect(seen).toEqual(['task-1', { want: 'a report' }, 'n', 'in', null]);
  expect(task.status).toBe('in_progress');
});

it('lets a later registration replace what a role does', async () => {
  const { record } = await executeStage({
    ops: {
      opFor:
        ({ role }) =>
        () => ({ output: `a ${role}` }),
    },
  });
  expect(record.output).toBe('a linear');
});

describe('role defaults', () => {
  const output = async (setup: StageSetup) => (await executeStage(setup)).record.output;

  it.each(['linear', 'exit', 'branch', 'split'] as const)('%s passes its input on', async (role) => {
    expect(await output({ node: { role }, input: { a: [1] } })).toEqual({ a: [1] });
  });
  it('merge makes of what arrived what its strategy says', async () => {
    const arrived = { merge_inputs: [{ output: 'a' }, { output: 'b' }], merge_failures: [] };
    const merged = (merge_strategy: MergeStrategy) =>
      output({ node: { role: 'merge', merge_strategy }, input: arrived });
    expect(await merged('identity')).toEqual(arrived);
    expect(await merged('list')).toEqual(['a', 'b']);
    expect(await merged('concat')).toBe('ab');
  });
  it('start gives the request, or its input without one', async () => {
    expect(await output({ node: { role: 'start' } })).toEqual({ want: 'a report' });
    const task = taskOf();
    const empty = { ...task, spec: { ...task.spec, request: null } };
    expect(await output({ node: { role: 'start' }, task: empty, input: 'kept' })).toBe('kept');
  });
  it.each([
    ['go', { decision: 'go' }],
    [42, { decision: '42' }],
    [true, { decision: 'true' }],
    [null, { decision: 'null' }],
    [
      { route: 'a', x: 1 },
      { route: 'a', x: 1 },
    ],
    [{ decision: 'a' }, { decision: 'a' }],
    [{ x: 1 }, { decision: '{"x":1}' }],
    [{ route: null }, { decision: '{"route":null}' }],
  ])('decision makes of %j a choice', async (input, expected) => {
    expect(await output({ node: { role: 'decision' }, input })).toEqual(expected);
  });
});

interface Fault {
  readonly says: string;
  readonly setup: StageSetup;
  readonly error: Partial<EngineErrorRecord>;
  readonly events?: readonly string[];
  readonly output?: unknown;
}

const circular: { self?: unknown } = {};
circular.self = circular;
const refuse = (reason: string) => () => {
  throw new TypeError(reason);
};
const op = (result: unknown): StageSetup => ({ op: () => result as OpResult });

const FAULTS: readonly Fault[] = [
  {
    says: 'its policy denies it',
    setup: { denied: ['node:n'], op: refuse('must not run') },
    error: {
      error_id: 'node_policy_denied',
      code: 'security',
      source: 'policy',
      message: 'no node n today',
      details: { policy: 'strict' },
    },
    events: ['node_started', 'policy_denied', 'node_failed'],
  },
  {
    says: 'it is an EXIT with an agent',
    setup: { node: { ...AGENT_NODE, role: 'exit' } },
    error: { error_id: 'exit_guard_failed', code: 'validation' },
  },
  {
    says: 'it is an EXIT and nothing was done',
    setup: { node: { role: 'exit' }, task: taskOf({ status: 'pending' }), input: null },
    error: { error_id: 'exit_guard_failed', code: 'validation' },
  },
  {
    says: 'its input does not match',
    setup: { node: { inputs_schema_id: 'document' }, input: {}, op: refuse('must not run') },
    error: {
      error_id: 'input_schema_mismatch',
      code: 'validation',
      source: 'json_engine',
      details: {
        schema_id: 'document',
        issues: [{ path: '/', message: "must have required property 'title'" }],
      },
    },
  },
  {
    says: 'its context fails',
    setup: {
      node: { context: 'notes' },
      context: {
        assemble: async () => ({
          error: {
            error_id: 'context_store_failed',
            code: 'validation',
            message: 'the store is gone',
            source: 'memory',
            severity: 'error',
            details: { store: 'task' },
            stage_id: null,
            task_id: null,
            timestamp: null,
          },
        }),
      },
    },
    error: {
      error_id: 'context_store_failed',
      code: 'validation',
      source: 'memory',
      details: { store: 'task' },
    },
    events: ['node_started', 'context_failed', 'node_failed'],
  },
  {
    says: 'its context throws',
    setup: {
      node: { context: 'notes' },
      context: { assemble: () => Promise.reject(new TypeError('no such store')) },
    },
    error: {
      error_id: 'context_assembly_failed',
      code: 'validation',
      source: 'memory',
      message: 'context "notes": no such store',
    },
    events: ['node_started', 'context_failed', 'node_failed'],
  },
  {
    says: 'it throws',
    setup: { op: refuse('broken') },
    error: { error_id: 'deterministic_execution_failed', message: 'broken', source: 'runtime' },
  },
  {
    says: 'it throws what cannot become text',
    setup: {
      op: () => {
        throw Object.create(null);
      },
    },
    error: { error_id: 'deterministic_execution_failed' },
  },
  {
    says: 'it tells an error as text',
    setup: op({ error: 'not today' }),
    error: { error_id: 'deterministic_execution_failed', message: 'not today', code: 'unknown' },
  },
  {
    says: 'it tells an error with an id',
    setup: op({ error: { message: 'too big', error_id: 'too_big', code: 'validation' } }),
    error: { error_id: 'too_big', message: 'too big', code: 'validation' },
  },
  {
    says: 'it tells an error of no known form',
    setup: op({ error: { code: 'nonsense', message: 3 } }),
    error: { error_id: 'deterministic_execution_failed', code: 'unknown' },
  },
  ...[undefined, null, 3, {}, { output: undefined }, []].map((result) => ({
    says: `it gives ${JSON.stringify(result)} instead of a result`,
    setup: op(result),
    error: { error_id: 'deterministic_execution_failed' },
  })),
  ...(
    [
      ['a BigInt', { n: 1n }, '$.n is a bigint'],
      ['a cycle', circular, '$.self contains itself'],
      ['a function', [() => 1], '$[0] is a function'],
      ['NaN', Number.NaN, '$ is NaN, which JSON does not have'],
      ['a date', { at: [new Date(0)] }, '$.at[0] is a Date, not plain data'],
      ['a map', new Map(), '$ is a Map, not plain data'],
      ['a hole', { list: [undefined] }, '$.list[0] is undefined'],
    ] as const
  ).map(([what, output, reason]) => ({
    says: `its output has ${what}`,
    setup: op({ output }),
    error: {
      error_id: 'output_not_json',
      code: 'json' as const,
      message: `the output is not JSON: ${reason}`,
    },
  })),
  {
    says: 'its output does not match',
    setup: { node: { outputs_schema_id: 'text' }, ...op({ output: 5 }) },
    error: {
      error_id: 'output_schema_mismatch',
      code: 'validation',
      message: 'the output does not match schema "text": / must be string',
    },
    output: 5,
  },
  {
    says: 'its output cannot be routed on',
    setup: {
      ...op({ output: 'nowhere' }),
      checkOutput: (output) => ({
        error_id: 'unknown_decision',
        code: 'routing',
        message: `no edge ${JSON.stringify(output)}`,
        source: 'router',
        severity: 'error',
        details: { labels: ['a', 'b'] },
        stage_id: null,
        task_id: null,
        timestamp: null,
      }),
    },
    error: {
      error_id: 'unknown_decision',
      code: 'routing',
      source: 'router',
      details: { labels: ['a', 'b'] },
    },
    output: 'nowhere',
  },
  {
    says: 'its time is over',
    setup: { nodeTimeoutMs: 5, op: () => new Promise<never>(() => {}) },
    error: {
      error_id: 'node_execution_timeout',
      code: 'timeout',
      message: 'node "n" took longer than 5 ms',
    },
  },
  {
    says: 'the run is cancelled already',
    setup: { signal: AbortSignal.abort(), op: refuse('must not run') },
    error: { error_id: 'node_cancelled' },
  },
  {
    says: 'its output cannot be remembered',
    setup: { memory: { remember: () => Promise.reject(new TypeError('disk full')) } },
    error: {
      error_id: 'output_not_kept',
      code: 'internal',
      message: 'the output could not be kept: disk full',
    },
    output: 'in',
  },
  {
    says: 'it is a bug of a part around it',
    setup: { policy: { check: refuse('no policy') } } as StageSetup,
    error: { error_id: 'node_execution_failed', code: 'internal' },
  },
  {
    says: 'its agent is unknown',
    setup: { node: { kind: 'agent', agent_id: '__proto__' }, replies: ['x'] },
    error: { error_id: 'agent_not_found', code: 'config' },
  },
];

describe('a node fails, with a record and node_failed, when', () => {
  it.each(FAULTS)(
    '$says',
    async ({ setup, error, events = ['node_started', 'node_failed'], output = null }) => {
      const trial = await executeStage(setup);
      expect(trial.record).toMatchObject({
        node_status: 'failed',
        error: { ...error, severity: 'error', stage_id: 'n', task_id: 'task-1' },
        output,
      });
      expect(trial.record.error?.timestamp).toMatch(/^2026-01-01T00:00:00\.\d{3}Z$/);
      expect(trial.eventNames).toEqual(events);
      expect(trial.events.at(-1)?.payload).toEqual({ error: trial.record.error, seq: 7 });
      expect(trial.remembered).toEqual([]);
      expect(trial.artifacts.map(({ payload }) => payload)).toEqual(output === null ? [] : [output]);
    },
  );

  it('its artifact cannot be kept', async () => {
    const artifacts = { add: refuse('disk full') };
    const kept = await executeStage({ artifacts });
    expect(kept.record.error).toMatchObject({ error_id: 'output_not_kept' });
    const failed = await executeStage({
      artifacts,
      node: { outputs_schema_id: 'text' },
      ...op({ output: 5 }),
    });
    expect(failed.record.error).toMatchObject({
      error_id: 'output_schema_mismatch',
      message:
        'the output does not match schema "text": / must be string; the output could not be kept: disk full',
    });
  });
});

it('aborts the work of a node when the run is cancelled', async () => {
  const cancel = new AbortController();
  let aborted = false;
  const { record } = await executeStage({
    signal: cancel.signal,
    op: (_task, _node, { signal }) =>
      new Promise(() => {
        signal.addEventListener('abort', () => (aborted = true));
        cancel.abort();
      }),
  });
  expect(record.error).toMatchObject({ error_id: 'node_cancelled', source: 'runtime' });
  expect(aborted).toBe(true);
});

it('does not wait for a context that never comes', async () => {
  const never = () => new Promise<never>(() => {});
  const node = { context: 'notes' };
  const late = await executeStage({ node, nodeTimeoutMs: 5, context: { assemble: never } });
  expect(late.record.error).toMatchObject({ error_id: 'context_assembly_failed', code: 'timeout' });
  const cancel = new AbortController();
  const ended = executeStage({ node, signal: cancel.signal, context: { assemble: never } });
  cancel.abort();
  expect((await ended).record.error).toMatchObject({ message: 'context "notes": the run was cancelled' });
  expect((await ended).eventNames).toEqual(['node_started', 'context_failed', 'node_failed']);
});

it('keeps no artifact of a success when the output could not be remembered', async () => {
  const { record, artifacts } = await executeStage({
    memory: { remember: () => Promise.reject(new RangeError('disk full')) },
  });
  expect(record.node_status).toBe('failed');
  expect(artifacts.map(({ additional_metadata }) => additional_metadata['execution_status'])).toEqual([
    'failed',
  ]);
});

it('aborts a tool that still runs, also when its call cannot be kept', async () => {
  let aborted = false;
  const { record } = await executeStage({
    nodeTimeoutMs: 5,
    node: { tools: ['lookup'] },
    tools: [
      bind(
        (_inputs, { signal }) =>
          new Promise(() => signal.addEventListener('abort', () => (aborted = true), { once: true })),
      ),
    ],
    artifacts: {
      add: () => {
        throw new RangeError('disk full');
      },
    },
    op: async (_task, _node, { callTool }) => ({ output: (await callTool('lookup', {})).status }),
  });
  expect(record.error).toMatchObject({ message: expect.stringContaining('disk full') as string });
  expect(aborted).toBe(true);
});

it('does not let a late operation change what is recorded', async () => {
  const late = Promise.withResolvers<OpResult>();
  const trial = await executeStage({ nodeTimeoutMs: 5, op: () => late.promise });
  const before = JSON.stringify(trial.record);
  late.resolve({ output: 'late' });
  await late.promise;
  expect(JSON.stringify(trial.record)).toBe(before);
  expect(trial.eventNames).toEqual(['node_started', 'node_failed']);
});

it('keeps `__proto__` as a key of inputs and outputs', async () => {
  const hostile = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}') as object;
  const { record } = await executeStage(op({ output: hostile }));
  expect(JSON.stringify(record.output)).toBe('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}');
  expect(Object.getPrototypeOf(record.output)).toBe(Object.prototype);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

it('begins with node_started, ends with one verdict and freezes its record, whatever happens', async () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
  const results = fc.oneof(
    anything,
    anything.map((output) => ({ output })),
    anything.map((error) => ({ error })),
  );
  await fc.assert(
    fc.asyncProperty(
      results,
      fc.boolean(),
      fc.constantFrom('text', 'document', null),
      async (result, throws, schema) => {
        const trial = await executeStage({
          node: { outputs_schema_id: schema },
          op: () => {
            if (throws) throw result;
            return result as OpResult;
          },
        });
        const { record, eventNames } = trial;
        const verdict = record.error === null ? 'node_completed' : 'node_failed';
        expect(eventNames).toEqual(['node_started', verdict]);
        expect(record.node_status).toBe(record.error === null ? 'completed' : 'failed');
        expect(trial.remembered).toHaveLength(record.error === null ? 1 : 0);
        expect(Object.isFrozen(record) && Object.isFrozen(record.tool_calls)).toBe(true);
        expect(JSON.parse(JSON.stringify(record))).toEqual(record);
      },
    ),
    { numRuns: PROPERTY_RUNS },
  );
});
