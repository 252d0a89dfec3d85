import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/engine/model/json.ts';
import type { ToolReply } from '../../src/engine/tools/tool-session.ts';
import { ToolError } from '../../src/engine/tools/errors.ts';
import type { ToolBinding } from '../../src/engine/tools/tool-ports.ts';
import { AGENT_NODE, bind, executeStage, taskOf, type StageSetup } from './stage-fixture.ts';

interface Step {
  readonly tool_id?: JsonValue;
  readonly inputs?: JsonValue;
  readonly reason?: string;
  readonly kind?: string;
}

/** An agent whose plan has these steps, on a node that lists `tools` and may use what is bound. */
const follow = (steps: readonly Step[], tools: readonly ToolBinding[], setup: StageSetup = {}) =>
  executeStage({
    replies: [{ main_result: 'done', tool_plan: { steps } }],
    tools,
    ...setup,
    node: { ...AGENT_NODE, tools: ['lookup', 'other'], ...setup.node },
  });

const echo = bind((inputs) => inputs);
const toolEvents = (names: readonly string[]) => names.filter((name) => name.startsWith('tool_'));

it('runs a plan in order; records, tells and keeps every call', async () => {
  const order: unknown[] = [];
  const trial = await follow(
    [
      { tool_id: 'lookup', inputs: { q: 1 }, reason: 'first', kind: 'read' },
      { tool_id: '', inputs: {} },
      { inputs: {} },
      { tool_id: 'lookup', kind: 'nonsense' },
    ],
    [
      bind(async (inputs) => {
        order.push(inputs);
        return { found: inputs };
      }),
    ],
  );
  expect(order).toEqual([{ q: 1 }, {}]);
  const call = {
    call_id: 'call-00000000',
    tool_id: 'lookup',
    stage_id: 'n',
    inputs: { q: 1 },
    output: { found: { q: 1 } },
    error: null,
    started_at: '2026-01-01T00:00:00.001Z',
    completed_at: '2026-01-01T00:00:00.002Z',
    metadata: { reason: 'first', kind: 'read' },
  };
  expect(trial.record.tool_calls[0]).toStrictEqual(call);
  expect(trial.record.tool_calls[1]).toMatchObject({
    call_id: 'call-00000001',
    inputs: {},
    metadata: { reason: '', kind: 'analyze' },
  });
  expect(trial.record.tool_plan).toEqual({
    steps: [
      { tool_id: 'lookup', inputs: { q: 1 }, reason: 'first', kind: 'read' },
      { tool_id: 'lookup', inputs: {}, reason: '', kind: 'analyze' },
    ],
  });
  expect(trial.eventNames).toEqual([
    'node_started',
    'tool_invoked',
    'tool_completed',
    'tool_invoked',
    'tool_completed',
    'node_completed',
  ]);
  expect(trial.events.slice(1, 3)).toStrictEqual([
    {
      name: 'tool_invoked',
      task_id: 'task-1',
      stage_id: 'n',
      payload: { tool_id: 'lookup', inputs: { q: 1 }, call_id: 'call-00000000' },
    },
    {
      name: 'tool_completed',
      task_id: 'task-1',
      stage_id: 'n',
      payload: {
        tool_id: 'lookup',
        output: { found: { q: 1 } },
        status: 'success',
        call_id: 'call-00000000',
      },
    },
  ]);
  expect(trial.artifacts[0]).toStrictEqual({
    task_id: 'task-1',
    node_id: 'n',
    artifact_type: 'tool_result',
    schema_ref: null,
    additional_metadata: { tool_call_id: 'call-00000000', status: 'success' },
    payload: { tool_name: 'lookup', arguments: { q: 1 }, result: { found: { q: 1 } } },
  });
});

describe('misuse fails the node and stops its plan:', () => {
  interface Misuse {
    readonly says: string;
    readonly tool: ToolBinding;
    readonly setup?: StageSetup;
    readonly error: { readonly error_id: string; readonly code: string; readonly source?: string };
    /** The call began, so there is a record of it. */
    readonly called?: true;
    readonly events?: readonly string[];
  }
  const other = (changes: Parameters<typeof bind>[1] = {}, run: Parameters<typeof bind>[0] = () => 1) =>
    bind(run, { tool_id: 'other', ...changes });
  const throwing = (code: 'TOOL_PATH_ESCAPE' | 'TOOL_INPUT_INVALID') =>
    other({}, () => {
      throw new ToolError(code, 'no');
    });
  const denied = { error_id: 'tool_permission_denied', code: 'security', source: 'tool_runtime' };

  it.each<Misuse>([
    {
      says: 'a tool that does not exist',
      tool: bind(() => 1, { tool_id: 'third' }),
      error: { error_id: 'tool_not_found', code: 'tool' },
    },
    {
      says: 'a tool the node does not list',
      tool: other(),
      setup: { node: { tools: ['lookup'] } },
      error: { error_id: 'tool_not_allowed', code: 'security' },
    },
    {
      says: 'network without permission',
      tool: other({ capabilities: ['external_network'] }),
      error: denied,
    },
    { says: 'commands without permission', tool: other({ type: 'shell' }), error: denied },
    ...(['analysis_only', 'review'] as const).map((mode) => ({
      says: `changes in mode ${mode}`,
      tool: other({ capabilities: ['workspace_mutation'] }),
      setup: { task: taskOf({}, mode) },
      error: denied,
    })),
    {
      says: 'changes by a tool that declares none',
      tool: bind(() => 1, { tool_id: 'other' }, true),
      setup: { task: taskOf({}, 'review') },
      error: denied,
    },
    {
      says: 'what a policy denies',
      tool: other(),
      setup: { denied: ['tool:other'] },
      error: { error_id: 'tool_policy_denied', code: 'security', source: 'policy' },
      events: ['policy_denied'],
    },
    {
      says: 'inputs that do not match',
      tool: other({ inputs_schema_id: 'document' }),
      error: { error_id: 'tool_input_schema_mismatch', code: 'tool' },
      called: true,
    },
    {
      says: 'inputs the handler refuses',
      tool: throwing('TOOL_INPUT_INVALID'),
      error: { error_id: 'tool_input_invalid', code: 'tool' },
      called: true,
    },
    {
      says: 'a path outside the root',
      tool: throwing('TOOL_PATH_ESCAPE'),
      error: { error_id: 'tool_path_escape', code: 'security' },
      called: true,
    },
    {
      says: 'a root outside the workspace',
      tool: other({ filesystem_root: '../elsewhere' }),
      error: { error_id: 'tool_path_escape', code: 'security' },
      called: true,
    },
  ])('$says', async ({ tool, setup = {}, error, called, events = [] }) => {
    const trial = await follow(
      [{ tool_id: 'lookup' }, { tool_id: 'other' }, { tool_id: 'lookup' }],
      [echo, tool],
      setup,
    );
    expect(trial.record).toMatchObject({
      node_status: 'failed',
      error: { ...error, stage_id: 'n', task_id: 'task-1' },
    });
    const calls = trial.record.tool_calls.map((call) => [call.tool_id, call.error?.error_id ?? null]);
    expect(calls).toEqual([['lookup', null], ...(called ? [['other', error.error_id]] : [])]);
    expect(trial.eventNames).toEqual([
      'node_started',
      'tool_invoked',
      'tool_completed',
      ...events,
      ...(called ? ['tool_invoked', 'tool_failed'] : []),
      'node_failed',
    ]);
    expect(trial.record.tool_plan?.steps).toHaveLength(3);
  });

  it('a plan on a node without tools', async () => {
    const { record } = await follow([{ tool_id: 'lookup' }], [echo], { node: { tools: [] } });
    expect(record.error).toMatchObject({ error_id: 'tool_not_allowed' });
  });

  it.each(['__proto__', 'constructor', 'toString'])(
    'a tool called %s that does not exist',
    async (tool_id) => {
      const { record } = await follow([{ tool_id }], [echo]);
      expect(record.error).toMatchObject({ error_id: 'tool_not_found' });
    },
  );
});

describe('what happens in a tool stays in its call:', () => {
  it.each<[string, ToolBinding, object]>([
    [
      'a throw',
      bind(() => {
        throw new TypeError('offline');
      }),
      { error_id: 'tool_execution_failed', code: 'tool', message: 'tool "lookup": offline' },
    ],
    [
      'a failure the handler tells',
      bind(() => {
        throw new ToolError('TOOL_FAILED', 'missing');
      }),
      { error_id: 'tool_execution_failed', code: 'tool' },
    ],
    [
      'its timeout',
      bind(() => new Promise(() => {}), { timeout: 0.005 }),
      { error_id: 'tool_timeout', code: 'timeout', message: 'tool "lookup": no result after 0.005 s' },
    ],
    [
      'an output that does not match',
      bind(() => 5, { outputs_schema_id: 'text' }),
      { error_id: 'tool_output_schema_mismatch', code: 'tool' },
    ],
    ['a BigInt', bind(() => 1n), { error_id: 'tool_output_not_json', code: 'tool' }],
    ['no output', bind(() => undefined), { error_id: 'tool_output_not_json' }],
    ['a huge output', bind(() => 'x'.repeat(16_000_001)), { error_id: 'tool_output_not_json' }],
    [
      'an output that throws when read',
      bind(() => ({
        get boom() {
          throw new TypeError('trap');
        },
      })),
      { error_id: 'tool_output_not_json', message: 'tool "lookup": output $.boom cannot be read: trap' },
    ],
  ])('%s', async (_what, tool, error) => {
    const trial = await follow(
      [{ tool_id: 'lookup', inputs: { q: 1 } }, { tool_id: 'other' }],
      [tool, bind(() => 'fine', { tool_id: 'other' })],
    );
    expect(trial.record).toMatchObject({
      node_status: 'completed',
      error: null,
      tool_calls: [
        { output: null, error: { ...error, source: 'tool_runtime', stage_id: 'n' } },
        { output: 'fine', error: null },
      ],
    });
    expect(toolEvents(trial.eventNames)).toEqual([
      'tool_invoked',
      'tool_failed',
      'tool_invoked',
      'tool_completed',
    ]);
    expect(trial.artifacts[0]).toMatchObject({
      additional_metadata: { status: 'failure' },
      payload: { tool_name: 'lookup', arguments: { q: 1 }, result: null },
    });
  });

  it('and its signal tells it that its time is over', async () => {
    let signal: AbortSignal | undefined;
    const slow = bind(
      (_inputs, context) => {
        ({ signal } = context);
        return new Promise(() => {});
      },
      { timeout: 0.005 },
    );
    await follow([{ tool_id: 'lookup' }], [slow]);
    expect(signal?.aborted).toBe(true);
  });
});

it('skips a tool that is switched off', async () => {
  const trial = await follow([{ tool_id: 'lookup' }], [bind(() => 1, { enabled: false })]);
  expect(trial.record).toMatchObject({ node_status: 'completed', tool_calls: [], output: 'done' });
  expect(toolEvents(trial.eventNames)).toEqual([]);
});

it('rehearses what would change the workspace in a dry run, and runs the rest', async () => {
  let wrote = false;
  const writer = bind(() => (wrote = true), { tool_id: 'other', capabilities: ['workspace_mutation'] });
  const trial = await follow(
    [{ tool_id: 'other', inputs: { path: 'a' } }, { tool_id: 'lookup' }],
    [echo, writer],
    {
      task: taskOf({}, 'dry_run'),
    },
  );
  expect(wrote).toBe(false);
  expect(trial.record.tool_calls).toMatchObject([
    { tool_id: 'other', inputs: { path: 'a' }, output: { dry_run: true }, error: null },
    { tool_id: 'lookup', output: {} },
  ]);
});

it('finds inputs that do not match in a dry run, too', async () => {
  const writer = bind(() => 1, { capabilities: ['workspace_mutation'], inputs_schema_id: 'document' });
  const { record } = await follow([{ tool_id: 'lookup', inputs: {} }], [writer], {
    task: taskOf({}, 'dry_run'),
  });
  expect(record.error).toMatchObject({ error_id: 'tool_input_schema_mismatch' });
});

it('marks calls of risky tools for review', async () => {
  const { record } = await follow([{ tool_id: 'lookup' }], [bind(() => 1, { risk_level: 'high' })]);
  expect(record.tool_calls[0]?.metadata).toEqual({ reason: '', kind: 'analyze', require_review: true });
});

it('lets tools that declare what they need use what they are allowed', async () => {
  const allowed = bind(() => 1, {
    type: 'shell',
    capabilities: ['external_network', 'workspace_mutation'],
    allow_network: true,
    allow_shell: true,
    risk_level: 'high',
  });
  expect((await follow([{ tool_id: 'lookup' }], [allowed])).record.error).toBeNull();
});

it('gives a handler frozen inputs with `__proto__` as a key, and its root', async () => {
  const inputs = JSON.parse('{"__proto__": {"admin": true}}') as JsonValue;
  const seen: unknown[] = [];
  const tool = bind(
    (given, { root, workspaceRoot }) => {
      seen.push(
        Object.keys(given),
        Object.isFrozen(given),
        (given as { admin?: true }).admin,
        root,
        workspaceRoot,
      );
      return given;
    },
    { filesystem_root: 'docs' },
  );
  const { record } = await follow([{ tool_id: 'lookup', inputs }], [tool]);
  expect(seen).toEqual([['__proto__'], true, undefined, '/workspace/docs', '/workspace']);
  expect(JSON.stringify(record.tool_calls[0]?.output)).toBe('{"__proto__":{"admin":true}}');
});

describe('an llm_tool', () => {
  const tool = bind('llm', { kind: 'llm_tool', outputs_schema_id: 'document' });
  const plan = { main_result: 'done', tool_plan: { steps: [{ tool_id: 'lookup', inputs: { of: 'tea' } }] } };

  it('asks the model of the calling agent', async () => {
    const trial = await follow([], [tool], { replies: [plan, 'Of course: {"title": "Tea"}'] });
    expect(JSON.parse(trial.requests[1]!.prompt)).toEqual({
      template_version: 'v1',
      tool: { tool_id: 'lookup', description: 'Looks things up.' },
      inputs: { of: 'tea' },
      output_schema: { type: 'object', required: ['title'], properties: { title: { type: 'string' } } },
    });
    expect(trial.requests[1]).toMatchObject({ model: 'small', system: 'You write.', temperature: 0.2 });
    expect(trial.record.tool_calls).toMatchObject([{ output: { title: 'Tea' }, error: null }]);
  });

  it('fails in its call when the model does', async () => {
    const trial = await follow([], [tool], { replies: [plan, () => Promise.reject(new TypeError('503'))] });
    expect(trial.record.tool_calls).toMatchObject([{ error: { error_id: 'tool_execution_failed' } }]);
    expect(trial.record.node_status).toBe('completed');
  });

  it('fails the node where there is no model to ask', async () => {
    const { record } = await executeStage({
      node: { tools: ['lookup'] },
      tools: [tool],
      op: async (_task, _node, { callTool }) => ({ output: (await callTool('lookup', {})).status }),
    });
    expect(record.error).toMatchObject({ error_id: 'no_llm_client', code: 'config' });
  });
});

describe('a deterministic node', () => {
  const call = (
    tools: readonly ToolBinding[],
    use: (call: (inputs?: unknown, id?: string) => Promise<ToolReply>) => unknown,
    setup: StageSetup = {},
  ) =>
    executeStage({
      tools,
      ...setup,
      node: { tools: ['lookup'], ...setup.node },
      op: async (_task, _node, context) => ({
        output: await use((inputs = {}, id = 'lookup') =>
          context.callTool(id, inputs as object as Record<string, JsonValue>),
        ),
      }),
    });

  it('calls tools under the same rules, and attaches nothing', async () => {
    const trial = await call([echo], (tool) => tool({ a: 1 }));
    expect(trial.record).toMatchObject({
      output: { status: 'completed', output: { a: 1 } },
      tool_calls: [{ tool_id: 'lookup', inputs: { a: 1 }, output: { a: 1 } }],
    });
    expect(trial.eventNames).toEqual(['node_started', 'tool_invoked', 'tool_completed', 'node_completed']);
  });

  it('learns of a failed call and goes on', async () => {
    const broken = bind(() => {
      throw new TypeError('offline');
    });
    const { record } = await call([broken], async (tool) => (await tool()).status);
    expect(record).toMatchObject({ output: 'failed', error: null });
  });

  it('learns that a tool is switched off', async () => {
    const { record } = await call([bind(() => 1, { enabled: false })], (tool) => tool());
    expect(record.output).toEqual({ status: 'skipped' });
  });

  it.each<[string, unknown, string]>([
    ['lookup', [1], 'tool_input_invalid'],
    ['lookup', { n: 1n }, 'tool_input_invalid'],
    ['nothing', {}, 'tool_not_found'],
  ])('cannot hide misuse: %s %o', async (id, inputs, error_id) => {
    const { record } = await call([echo], async (tool) => [await tool(inputs, id), await tool()]);
    expect(record).toMatchObject({ node_status: 'failed', error: { error_id }, tool_calls: [] });
  });

  it('has its calls run one after the other, in the order they were asked for', async () => {
    const running: string[] = [];
    const gates = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
    const tool = bind(async ({ index }) => {
      running.push(`begin ${index as number}`);
      await gates[index as number]!.promise;
      running.push(`end ${index as number}`);
      return index;
    });
    gates[1]!.resolve(1);
    const trial = await call([tool], (ask) => {
      const both = Promise.all([ask({ index: 0 }), ask({ index: 1 })]);
      gates[0]!.resolve(0);
      return both;
    });
    expect(running).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1']);
    expect(trial.record.tool_calls.map(({ output }) => output)).toEqual([0, 1]);
  });

  it.each([
    ['returns', {}, null, 'tool'],
    ['runs out of time', { nodeTimeoutMs: 5 }, 'node_execution_timeout', 'timeout'],
  ] as const)('that %s before its tool does ends the call', async (_how, setup, nodeError, code) => {
    const late = Promise.withResolvers<string>();
    let signal: AbortSignal | undefined;
    const began = Promise.withResolvers<undefined>();
    const slow = bind((_inputs, context) => {
      ({ signal } = context);
      began.resolve(undefined);
      return late.promise;
    });
    const trial = await call(
      [slow],
      async (tool) => {
        const pending = tool();
        if (nodeError !== null) return pending;
        await began.promise;
        void tool();
        return 'left';
      },
      setup,
    );
    const before = JSON.stringify(trial.record);
    late.resolve('late');
    await late.promise;
    expect(trial.record.error?.error_id ?? null).toBe(nodeError);
    expect(trial.record.tool_calls).toMatchObject([
      { output: null, error: { error_id: 'tool_aborted', code } },
    ]);
    expect(toolEvents(trial.eventNames)).toEqual(['tool_invoked', 'tool_failed']);
    expect(trial.eventNames.at(-1)).toBe(nodeError === null ? 'node_completed' : 'node_failed');
    expect(signal?.aborted).toBe(true);
    expect(JSON.stringify(trial.record)).toBe(before);
  });

  it('that ends about when its tool does has one verdict on the call', async () => {
    const verdicts = new Set<string | undefined>();
    for (let laterBy = -15; laterBy <= 15; laterBy += 1) {
      const began = Promise.withResolvers<undefined>();
      const ending = Promise.withResolvers<string>();
      const tool = bind(() => {
        began.resolve(undefined);
        return ending.promise;
      });
      const leaving = Promise.withResolvers<string>();
      const ends = [() => ending.resolve('result'), () => leaving.resolve('left')];
      const trial = await call([tool], async (ask) => {
        void ask();
        await began.promise;
        const [first, second] = laterBy < 0 ? ends.toReversed() : ends;
        first?.();
        void (async () => {
          for (let turn = 0; turn < Math.abs(laterBy); turn += 1) await Promise.resolve();
          second?.();
        })();
        return leaving.promise;
      });
      await new Promise(setImmediate);
      verdicts.add(toolEvents(trial.eventNames)[1]);
      expect(trial.record.tool_calls).toHaveLength(1);
      expect(trial.artifacts).toHaveLength(2);
      expect(toolEvents(trial.events.map(({ name }) => name))).toHaveLength(2);
      expect(trial.events.at(-1)?.name).toBe('node_completed');
    }
    expect(verdicts).toEqual(new Set(['tool_failed', 'tool_completed']));
  });

  it('can call nothing after it ended', async () => {
    let leaked: (() => Promise<ToolReply>) | undefined;
    const trial = await call([echo], (tool) => {
      leaked = () => tool();
      return 'left';
    });
    expect(await leaked?.()).toMatchObject({ status: 'failed', error: { error_id: 'tool_aborted' } });
    expect(toolEvents(trial.eventNames)).toEqual([]);
  });
});

it('fails the node when a call cannot be kept', async () => {
  const { record } = await follow([{ tool_id: 'lookup' }], [echo], {
    artifacts: {
      add: () => {
        throw new TypeError('disk full');
      },
    },
  });
  expect(record.error).toMatchObject({ error_id: 'tool_runtime_failed', code: 'internal' });
});
