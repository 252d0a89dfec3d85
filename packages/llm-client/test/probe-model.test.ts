import { inspect } from 'node:util';
import { Secret, type ModelCalledEvent } from '@agentswarm/core';
import {
  createModelCatalog,
  LlmError,
  ModelEntrySchema,
  probeModel,
  type ModelCatalog,
} from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import {
  chunk,
  completion,
  errorBody,
  json,
  startFaultServer,
  type Behaviour,
  type SeenRequest,
} from './fault-server.ts';

const KEY = 'sk-probe-canary-31cd';
const USAGE = { prompt_tokens: 9, completion_tokens: 4 };

/** What a server does with each request of a probe; what is not named is answered 404. */
interface Personality {
  readonly infos?: Readonly<Record<string, unknown>>;
  readonly tool: Behaviour;
  readonly schema: Behaviour;
  readonly stream: Behaviour;
}

const personality =
  ({ infos = {}, tool, schema, stream }: Personality): Behaviour =>
  (response, request) => {
    if (request.path !== '/v1/chat/completions') {
      const info = infos[request.path];
      json(response, info === undefined ? 404 : 200, info ?? errorBody('nothing here'));
      return;
    }
    const body = bodyOf(request);
    const behave = 'tools' in body ? tool : 'response_format' in body ? schema : stream;
    behave(response, request);
  };

function bodyOf(request: SeenRequest): Readonly<Record<string, unknown>> {
  return JSON.parse(request.body) as Record<string, unknown>;
}

const says =
  (message: object, usage: unknown = USAGE): Behaviour =>
  (response) => {
    const choices = [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }];
    json(response, 200, { ...completion('', usage), choices });
  };
const rejects =
  (status: number, message: string): Behaviour =>
  (response) =>
    json(response, status, errorBody(message));
const streams: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const usage = `data: ${JSON.stringify({ choices: [], usage: USAGE })}\n\n`;
  response.end(
    chunk({ content: 'one ' }) + chunk({ content: 'two' }) + chunk({}, 'stop') + usage + 'data: [DONE]\n\n',
  );
};
const CALL = { id: 'c', type: 'function', function: { name: 'report_sum', arguments: '{"sum":42}' } };
const CAPABLE: Personality = {
  tool: says({ content: null, tool_calls: [CALL] }),
  schema: says({ content: '{"parity":"even"}' }),
  stream: streams,
};

async function probe(
  server: { readonly url: string },
  options: { model?: string; catalog?: ModelCatalog; signal?: AbortSignal; timeoutMs?: number } = {},
) {
  const { model = 'm1', ...rest } = options;
  const events: ModelCalledEvent[] = [];
  const endpoint = { name: 'e', baseUrl: server.url, apiKey: new Secret(KEY), model };
  const found = await probeModel(endpoint, {
    catalog: createModelCatalog(),
    onCall: (event) => events.push(event),
    ...rest,
  });
  const seen = new Map(found.evidence.map((each) => [each.fact as string, each.seen]));
  return { ...found, events, seen };
}

describe('probeModel', () => {
  it('finds a capable server capable, with few requests, all of them reported', async () => {
    const infos = { '/v1/models': { data: [{ id: 'other' }, { id: 'm1', max_model_len: 16_384 }] } };
    await using server = await startFaultServer(personality({ ...CAPABLE, infos }));
    const { entry, usageReported, streaming, events, seen } = await probe(server);
    expect(ModelEntrySchema.parse(entry)).toEqual({
      model: 'm1',
      contextWindow: 16_384,
      toolCalls: 'native',
      thinking: { mode: 'none' },
      structured: 'json_schema',
      source: 'probe of endpoint e',
    });
    expect([usageReported, streaming, seen.get('contextWindow')]).toEqual([
      true,
      true,
      'max_model_len in the model list',
    ]);
    expect(server.seen).toHaveLength(4);
    const event = {
      type: 'model_called',
      role: 'worker',
      endpoint: 'e',
      model: 'm1',
      ok: true,
      httpStatus: 200,
    };
    const counts = { promptTokens: 9, completionTokens: 4, estimated: false };
    expect(events).toMatchObject([1, 2, 3].map(() => ({ ...event, ...counts })));
  });

  it.each([
    ['llama.cpp', { '/props': { default_generation_settings: { n_ctx: 8_192 } } }, 8_192, 'n_ctx'],
    [
      'Ollama, configured',
      { '/api/show': { parameters: 'stop "x"\nnum_ctx    4096', model_info: {} } },
      4_096,
      'num_ctx',
    ],
    [
      'Ollama',
      { '/api/show': { model_info: { 'qwen3.context_length': 40_960 } } },
      40_960,
      'the server may run it with less',
    ],
    [
      'a list of other models',
      { '/v1/models': { data: [{ id: 'x', context_length: 1 }] } },
      undefined,
      'nothing',
    ],
    ['nobody', {}, undefined, 'nothing'],
  ])('learns the window from %s', async (_name, infos, tokens, from) => {
    await using server = await startFaultServer(personality({ ...CAPABLE, infos }));
    const { entry, seen } = await probe(server);
    expect(entry.contextWindow).toBe(tokens);
    expect(seen.get('contextWindow')).toContain(from);
    expect(server.seen.length).toBeLessThanOrEqual(6);
  });

  it('takes from the catalogue what no server says', async () => {
    const thinks = says({ content: '{"parity":"even"}', reasoning_content: 'Hm.' });
    await using server = await startFaultServer(personality({ ...CAPABLE, schema: thinks }));
    const { entry, seen } = await probe(server, { model: 'zai-org/GLM-5-FP8' });
    expect(entry).toMatchObject({
      contextWindow: 202_752,
      maxOutputTokens: 131_072,
      thinking: { mode: 'switchable' },
    });
    expect(seen.get('thinking')).toBe('reasoning beside the answer');
  });

  it('keeps what a person stated and no probe sees: the price above all', async () => {
    const stated = {
      price: { inputUsdPerMillion: 1, outputUsdPerMillion: 2 },
      maxTokensParameter: 'max_completion_tokens',
      fixedSampling: true,
      charsPerToken: 3,
    } as const;
    const catalog = createModelCatalog([
      {
        ...{ model: ['m1', 'm2'], contextWindow: 8192, source: 'me' },
        ...{ toolCalls: 'text', textToolFormat: 'glm', thinking: { mode: 'none' }, ...stated },
      },
    ]);
    await using server = await startFaultServer(personality(CAPABLE));
    const { entry } = await probe(server, { catalog });
    expect(entry).toMatchObject({ model: 'm1', contextWindow: 8192, toolCalls: 'native', ...stated });
    expect(entry).not.toHaveProperty('textToolFormat');
  });

  it.each([
    [
      'qwen3-coder',
      '<tool_call>\n<function=report_sum>\n<parameter=sum>\n42\n</parameter>\n</function>\n</tool_call>',
    ],
    ['glm', '<tool_call>report_sum\n<arg_key>sum</arg_key>\n<arg_value>42</arg_value>\n</tool_call>'],
    ['hermes', '<tool_call>{"name":"report_sum","arguments":{"sum":42}}</tool_call>'],
    ['llama', '<|python_tag|>{"name":"report_sum","parameters":{"sum":42}}'],
    ['mistral', '[TOOL_CALLS] [{"name":"report_sum","arguments":{"sum":42}}]'],
    ['json', '```json\n{"name":"report_sum","arguments":{"sum":42}}\n```'],
  ])('recognises calls written as text: %s', async (textToolFormat, content) => {
    await using server = await startFaultServer(
      personality({ ...CAPABLE, tool: says({ content: `So.</think>${content}` }) }),
    );
    const { entry } = await probe(server);
    expect(entry).toMatchObject({
      toolCalls: 'text',
      textToolFormat,
      thinking: { mode: 'always', promptOpensBlock: true },
    });
  });

  it('believes no schema that is ignored, and no feature that is refused', async () => {
    const tool = rejects(500, 'tools need a flag');
    const schema = says({ content: 'Yes, 42 is even.' }, null);
    await using server = await startFaultServer(
      personality({ tool, schema, stream: rejects(400, 'no streams') }),
    );
    const { entry, usageReported, streaming, events, seen } = await probe(server);
    expect(entry).toMatchObject({ toolCalls: 'none', structured: 'prompt', thinking: { mode: 'none' } });
    expect([usageReported, streaming]).toEqual([false, false]);
    expect(events.map(({ ok, estimated }) => [ok, estimated])).toEqual([
      [false, false],
      [true, true],
      [false, false],
    ]);
    expect(seen.get('toolCalls')).toContain('tools need a flag');
  });

  it('prefers tools where the schema is refused', async () => {
    await using server = await startFaultServer(personality({ ...CAPABLE, schema: rejects(400, 'what?') }));
    expect((await probe(server)).entry.structured).toBe('tool');
  });

  it('takes a stream without an end for none', async () => {
    const stream: Behaviour = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(chunk({ content: 'one' }));
    };
    await using server = await startFaultServer(personality({ ...CAPABLE, stream }));
    const { streaming, seen } = await probe(server);
    expect([streaming, seen.get('streaming')]).toEqual([false, '1 chunks, without an end']);
  });

  it.each([
    ['a wrong key', rejects(401, `bad ${KEY}`), 'AUTH_REJECTED'],
    ['an unknown model', rejects(404, 'no such model'), 'MODEL_UNKNOWN'],
    ['a dropped connection', (response) => response.destroy(), 'ENDPOINT_UNREACHABLE'],
    ['a server that refuses everything', rejects(500, 'broken'), 'SERVER_ERROR'],
    ['no chat completion', (response) => json(response, 200, {}), 'INVALID_ANSWER'],
    ['silence', () => {}, 'TIMED_OUT'],
  ] as const satisfies readonly (readonly [string, Behaviour, string])[])(
    'ends in a clear error: %s',
    async (_name, behaviour, code) => {
      await using server = await startFaultServer(
        personality({ tool: behaviour, schema: behaviour, stream: behaviour }),
      );
      const timeoutMs = code === 'TIMED_OUT' ? 150 : 30_000;
      const error: unknown = await probe(server, { timeoutMs }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(LlmError);
      expect((error as LlmError).code).toBe(code);
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain(KEY);
    },
  );

  it('rejects with what its listener throws, once', async () => {
    await using server = await startFaultServer(personality(CAPABLE));
    const reason = new LlmError('BUDGET_EXHAUSTED', 'spent');
    let calls = 0;
    const onCall = () => {
      calls += 1;
      throw reason;
    };
    const endpoint = { name: 'e', baseUrl: server.url, model: 'm1' };
    await expect(probeModel(endpoint, { catalog: createModelCatalog(), onCall })).rejects.toBe(reason);
    expect(calls).toBe(1);
  });

  it('rejects with the reason of its signal', async () => {
    const abort = new AbortController();
    const reason = new LlmError('TIMED_OUT', 'enough');
    const aborts: Behaviour = () => abort.abort(reason);
    await using server = await startFaultServer(personality({ ...CAPABLE, tool: aborts }));
    await expect(probe(server, { signal: abort.signal })).rejects.toBe(reason);
  });
});
