import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/engine/model/json.ts';
import { StorageError } from '../../src/engine/storage/storage-error.ts';
import { AGENT_NODE, bind, executeStage, toolOf, type Script, type StageSetup } from './stage-fixture.ts';

const TICKS = '```';

const ask = (replies: Script, setup: StageSetup = {}) =>
  executeStage({ ...setup, replies, node: { ...AGENT_NODE, ...setup.node } });

const outputOf = async (reply: unknown, setup: StageSetup = {}) => {
  const { record } = await ask([() => reply], setup);
  return record.error ?? record.output;
};

it('tells the model everything it needs, as one message and as prompt', async () => {
  const { requests } = await ask(['ok'], {
    node: { tools: ['lookup', 'off'], context: 'notes', outputs_schema_id: 'document' },
    input: { from: 'upstream' },
    tools: [
      bind(() => null, { inputs_schema_id: 'text' }),
      bind(() => null, { tool_id: 'off', enabled: false }),
    ],
    context: {
      assemble: async () => ({
        package: {
          context_package_id: 'ctx',
          items: [
            {
              context_item_id: 'i1',
              kind: 'note',
              source: 's',
              timestamp: '',
              tags: [],
              importance: null,
              token_cost: null,
              payload: { remember: 'this' },
              metadata: {},
            },
          ],
          summary: null,
          compression_ratio: 1,
        },
        metadata: null,
      }),
    },
  });
  expect(requests).toHaveLength(1);
  const { messages, prompt, signal, ...rest } = requests[0]!;
  expect(rest).toEqual({ temperature: 0.2, system: 'You write.', model: 'small' });
  expect(signal.aborted).toBe(false);
  expect(messages).toEqual([{ role: 'user', content: prompt }]);
  const { instructions, ...payload } = JSON.parse(prompt) as Record<string, JsonValue>;
  expect(payload).toEqual({
    template_version: 'v1',
    agent_stage: 'n',
    task_mode: 'implement',
    task_request: { want: 'a report' },
    input: { from: 'upstream' },
    context: [{ remember: 'this' }],
    tools: [{ tool_id: 'lookup', description: 'Looks things up.', inputs_schema: { type: 'string' } }],
    schema_id: 'document',
    output_schema: { type: 'object', required: ['title'], properties: { title: { type: 'string' } } },
  });
  expect(instructions).toMatch(/main_result.*tool_plan.*tool_id.*inputs.*reason.*kind/s);
});

it('gives a model without tools no instructions about them, and an empty context for none', async () => {
  const { requests } = await ask(['ok']);
  const payload = JSON.parse(requests[0]!.prompt) as Record<string, JsonValue>;
  expect(payload).toMatchObject({ tools: [], context: [], schema_id: null });
  expect(payload).not.toHaveProperty('instructions');
  expect(payload).not.toHaveProperty('output_schema');
});

describe('reads replies:', () => {
  it.each<[string, unknown, JsonValue]>([
    ['plain text', 'Hello there', 'Hello there'],
    ['JSON text', '{"a": 1}', { a: 1 }],
    ['an array', '[1, 2]', [1, 2]],
    ['a number', ' 42\n', 42],
    ['null', 'null', null],
    ['nothing', '', ''],
    ['a fence', `${TICKS}json\n{"a": 1}\n${TICKS}`, { a: 1 }],
    ['a fenced array in prose', `Here:\n${TICKS}\n[1]\n${TICKS}\nBye`, [1]],
    ['prose around JSON', 'Sure! {"a": {"b": 2}} Anything else?', { a: { b: 2 } }],
    ['an unfinished fence', `${TICKS}json\n{"a": 1}`, { a: 1 }],
    ['a fence of something else', `${TICKS}js\nlet a = {b};\n${TICKS}`, `${TICKS}js\nlet a = {b};\n${TICKS}`],
    ['braces that are no JSON', 'use {curly} braces', 'use {curly} braces'],
    ['braces the wrong way round', '} or {', '} or {'],
    ['two objects', '{"a": 1} {"b": 2}', '{"a": 1} {"b": 2}'],
    ['a number JSON cannot repeat', '{"a": 1e999}', '{"a": 1e999}'],
    ['deep nesting', '['.repeat(5000) + ']'.repeat(5000), '['.repeat(5000) + ']'.repeat(5000)],
    ['data', { a: [1] }, { a: [1] }],
    ['only a main_result', '{"main_result": 1}', { main_result: 1 }],
    ['only a tool_plan', '{"tool_plan": {"steps": []}}', { tool_plan: { steps: [] } }],
    ['both', '{"main_result": "done", "tool_plan": {"steps": []}}', 'done'],
    ['a plan that is null', '{"main_result": "done", "tool_plan": null}', 'done'],
    ['a plan without steps', '{"main_result": "done", "tool_plan": {}}', 'done'],
    [
      'a plan inside the result',
      { main_result: { tool_plan: { steps: [{ tool_id: 'x' }] } }, tool_plan: null },
      { tool_plan: { steps: [{ tool_id: 'x' }] } },
    ],
    [
      'a main_result named by the prototype',
      '{"__proto__": {"main_result": 1, "tool_plan": null}}',
      JSON.parse('{"__proto__": {"main_result": 1, "tool_plan": null}}'),
    ],
  ])('%s', async (_what, reply, expected) => {
    expect(await outputOf(reply)).toEqual(expected);
  });

  it.each<[string, unknown, string, string]>([
    ['undefined', undefined, 'agent_reply_not_json', 'json'],
    ['a BigInt', { n: 1n }, 'agent_reply_not_json', 'json'],
    ['a function', () => 1, 'agent_reply_not_json', 'json'],
    ['a plan that is text', { main_result: 1, tool_plan: 'read it' }, 'tool_plan_invalid', 'agent'],
    ['a plan that is a list', { main_result: 1, tool_plan: [] }, 'tool_plan_invalid', 'agent'],
    ['steps that are no list', { main_result: 1, tool_plan: { steps: {} } }, 'tool_plan_invalid', 'agent'],
    [
      'more steps than anybody needs',
      { main_result: 1, tool_plan: { steps: Array(10_000).fill({ tool_id: 'x' }) } },
      'tool_plan_invalid',
      'agent',
    ],
    ['a step that is text', { main_result: 1, tool_plan: { steps: ['x'] } }, 'tool_plan_invalid', 'agent'],
    [
      'inputs that are a list',
      { main_result: 1, tool_plan: { steps: [{ tool_id: 'x', inputs: [1] }] } },
      'tool_plan_invalid',
      'agent',
    ],
  ])('refuses %s', async (_what, reply, error_id, code) => {
    expect(await outputOf(reply)).toMatchObject({ error_id, code, source: 'agent_runtime' });
  });

  it('refuses text where the node has an output schema', async () => {
    const node = { outputs_schema_id: 'text' };
    expect(await outputOf('just text', { node })).toMatchObject({
      error_id: 'agent_reply_not_json',
      code: 'json',
      details: { reply: 'just text' },
    });
    expect(await outputOf('"quoted"', { node })).toBe('quoted');
    expect(await outputOf('{}', { node })).toMatchObject({
      error_id: 'output_schema_mismatch',
      code: 'validation',
    });
  });
});

describe('an agent node fails when', () => {
  it('no client serves it, and never answers with the prompt', async () => {
    const { record, eventNames } = await executeStage({ node: AGENT_NODE });
    expect(record).toMatchObject({
      output: null,
      error: {
        error_id: 'no_llm_client',
        code: 'config',
        message: 'no model client serves provider "scripted" of agent "writer"',
      },
    });
    expect(eventNames).toEqual(['node_started', 'node_failed']);
  });

  it('its client rejects', async () => {
    const { record } = await ask([() => Promise.reject(new TypeError('503'))]);
    expect(record).toMatchObject({
      output: null,
      error: { error_id: 'agent_execution_failed', code: 'agent', message: 'agent "writer": 503' },
    });
  });

  it('its client rejects with an error that has a code', async () => {
    const { record } = await ask([() => Promise.reject(new StorageError('STORAGE_FULL', 'no room'))]);
    expect(record.error).toMatchObject({
      message: 'agent "writer": no room',
      details: { cause_code: 'STORAGE_FULL' },
    });
  });

  it('making its client throws', async () => {
    const clientFor = () => {
      throw new TypeError('no key');
    };
    const { record } = await executeStage({ node: AGENT_NODE, llm: { clientFor } });
    expect(record.error).toMatchObject({
      error_id: 'agent_execution_failed',
      message: 'agent "writer": no key',
    });
  });

  it('its client takes too long, and tells it to stop', async () => {
    let signal: AbortSignal | undefined;
    const { record } = await ask(
      [
        (request) => {
          ({ signal } = request);
          return new Promise(() => {});
        },
      ],
      { nodeTimeoutMs: 5 },
    );
    expect(record.error).toMatchObject({ error_id: 'node_execution_timeout', code: 'timeout' });
    expect(signal?.aborted).toBe(true);
  });
});

describe('what tools gave is attached', () => {
  const step = (inputs: JsonValue) => ({ tool_id: 'lookup', inputs, reason: 'to know', kind: 'read' });
  const attached = async (main_result: JsonValue, outputs: readonly JsonValue[], setup: StageSetup = {}) => {
    const plan = { steps: outputs.map((_output, index) => step({ index })) };
    return ask([{ main_result, tool_plan: plan }], {
      ...setup,
      node: { tools: ['lookup'], ...setup.node },
      tools: [bind(({ index }) => outputs[index as number], toolOf())],
    });
  };

  it('to an object, with the summary of the latest text content', async () => {
    const content = '\n  # Tea \n\n one\ntwo\n\nthree\nfour\nfive\n';
    const { record } = await attached({ a: 1 }, [{ content: 'older' }, { content }, { content: 5 }]);
    expect(record.output).toEqual({
      a: 1,
      tool_calls: record.tool_calls,
      summary: '# Tea\none\ntwo\nthree\nfour',
    });
    expect(record.tool_calls).toHaveLength(3);
  });

  it('to anything else as its result', async () => {
    const { record } = await attached([1], [true]);
    expect(record.output).toEqual({ result: [1], tool_calls: record.tool_calls });
  });

  it.each([
    ['decision', 'go'],
    ['split', [1, 2]],
  ] as const)('but not to what a %s says in so many words', async (role, main) => {
    const { record } = await attached(main, [true], { node: { role } });
    expect([record.output, record.tool_calls.length]).toEqual([main, 1]);
  });

  it('but replaces nothing', async () => {
    const main = { tool_calls: 'mine', summary: null };
    expect((await attached(main, [{ content: 'x' }])).record.output).toEqual(main);
  });

  it('after the output schema was checked, and not when the node declines', async () => {
    const node = { outputs_schema_id: 'text', metadata: { attach_tool_results: false } };
    expect((await attached('plain', [1], { node })).record.output).toBe('plain');
    expect((await attached('plain', [1], { node: { outputs_schema_id: 'text' } })).record).toMatchObject({
      error: null,
      output: { result: 'plain' },
    });
  });
});
