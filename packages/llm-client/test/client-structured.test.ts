import { createModelCatalog, createRouter, type Router } from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HELLO, setUpClient } from './client-setup.ts';
import { fails, json, says, startFaultServer, type Behaviour } from './fault-server.ts';

const schema = z.strictObject({ n: z.int(), words: z.array(z.string()) });
const GOOD = { n: 1, words: ['a'] };

interface Body {
  readonly messages: readonly { readonly content: string }[];
  readonly response_format?: unknown;
  readonly tools?: readonly { readonly function: { readonly name: string; readonly parameters: unknown } }[];
  readonly tool_choice?: unknown;
}

/** A server that refuses what it does not know, and answers in the form it was asked in. */
const serverThatKnows =
  (...features: readonly ('response_format' | 'tools')[]): Behaviour =>
  (response, request) => {
    const body = JSON.parse(request.body) as Body;
    const unknown = (['response_format', 'tools'] as const).find(
      (feature) => feature in body && !features.includes(feature),
    );
    if (unknown !== undefined) return fails(400, `unknown field ${unknown}`)(response, request);
    const [tool] = body.tools ?? [];
    if (tool === undefined) return says(JSON.stringify(GOOD))(response, request);
    const call = {
      id: 'c',
      type: 'function',
      function: { name: tool.function.name, arguments: JSON.stringify(GOOD) },
    };
    const message = { role: 'assistant', content: null, tool_calls: [call] };
    return json(response, 200, { choices: [{ index: 0, message, finish_reason: 'tool_calls' }] });
  };

describe('completeJson tells the server the schema', () => {
  it.each([
    ['as response format', serverThatKnows('response_format', 'tools'), ['response_format']],
    ['as a tool, where that is refused', serverThatKnows('tools'), ['response_format', 'tools']],
    ['in words, where both are', serverThatKnows(), ['response_format', 'tools', 'words']],
  ])('%s, and remembers', async (_name, behaviour, forms) => {
    await using server = await startFaultServer(behaviour);
    const { llm, slept } = setUpClient(server.url);
    for (let call = 0; call < 3; call += 1) {
      expect((await llm.completeJson({ ...HELLO, schema })).value).toEqual(GOOD);
    }
    const asked = server.seen.map(({ body }) => {
      const { response_format, tools, messages } = JSON.parse(body) as Body;
      if (response_format !== undefined) return 'response_format';
      return tools === undefined && messages[0]?.content.includes('"words"') ? 'words' : 'tools';
    });
    const last = forms.at(-1);
    expect(asked).toEqual([...forms, last, last]);
    expect(slept).toEqual([]);
  });

  it('with every field, as JSON Schema', async () => {
    await using server = await startFaultServer(serverThatKnows('response_format'));
    await setUpClient(server.url).llm.completeJson({ ...HELLO, schema });
    expect(JSON.parse(server.seen[0]?.body ?? '')).toMatchObject({
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'answer',
          schema: { type: 'object', required: ['n', 'words'], additionalProperties: false },
        },
      },
    });
  });

  it('in the way the catalogue says a model needs it', async () => {
    await using server = await startFaultServer(serverThatKnows('response_format', 'tools'));
    const catalog = createModelCatalog([
      {
        model: 'm1',
        contextWindow: 1000,
        toolCalls: 'none',
        thinking: { mode: 'none' },
        structured: 'prompt',
        source: 'test',
      },
    ]);
    await setUpClient(server.url, { catalog }).llm.completeJson({ ...HELLO, schema });
    expect(Object.keys(JSON.parse(server.seen[0]?.body ?? '') as Body)).not.toContain('response_format');
  });

  it('and forgets nothing because of a request that is bad in every form', async () => {
    let healthy = false;
    await using server = await startFaultServer((response, request) =>
      (healthy ? serverThatKnows('response_format') : fails(400, 'context too long'))(response, request),
    );
    const { llm } = setUpClient(server.url);
    await expect(llm.completeJson({ ...HELLO, schema })).rejects.toMatchObject({ code: 'REQUEST_REJECTED' });
    healthy = true;
    expect((await llm.completeJson({ ...HELLO, schema })).value).toEqual(GOOD);
    expect(JSON.parse(server.seen.at(-1)?.body ?? '')).toHaveProperty('response_format');
  });
});

describe('thinking', () => {
  it.each([
    [{ body: { chat_template_kwargs: { enable_thinking: false } } }, 'Hello'],
    [{ promptPrefix: '/no_think' }, '/no_think Hello'],
  ])('is switched off as the model’s entry says: %j', async (off, content) => {
    await using server = await startFaultServer(says('hi'));
    const catalog = createModelCatalog([
      {
        model: 'm1',
        contextWindow: 1000,
        toolCalls: 'none',
        thinking: { mode: 'switchable', off },
        source: 'test',
      },
    ]);
    await setUpClient(server.url, { catalog }).llm.complete({ ...HELLO, thinking: false });
    expect(JSON.parse(server.seen[0]?.body ?? '')).toMatchObject({
      messages: [{ role: 'user', content }],
      ...('body' in off ? off.body : {}),
    });
  });
});

describe('a model with rules of its own', () => {
  it('is sent the bound under its name and no sampling', async () => {
    await using server = await startFaultServer(says('hi'));
    await setUpClient(server.url, { models: { planner: 'o4-mini' } }).llm.complete({
      ...HELLO,
      maxTokens: 9,
    });
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      model: 'o4-mini',
      messages: HELLO.messages,
      max_completion_tokens: 9,
    });
  });
});

describe('a conversation with tools', () => {
  it('is sent and read in OpenAI’s form', async () => {
    await using server = await startFaultServer(serverThatKnows('tools'));
    const tools = [{ name: 'read', description: 'Reads.', parameters: { type: 'object' } }];
    const { llm } = setUpClient(server.url);
    const { toolCalls, finishReason } = await llm.complete({
      ...HELLO,
      tools,
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: '', toolCalls: [{ id: 'x1', name: 'read', arguments: '{}' }] },
        { role: 'tool', toolCallId: 'x1', content: 'text' },
      ],
    });
    expect(finishReason).toBe('tool_calls');
    expect(toolCalls).toEqual([{ id: 'c', name: 'read', arguments: JSON.stringify(GOOD) }]);
    expect(JSON.parse(server.seen[0]?.body ?? '')).toMatchObject({
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          tool_calls: [{ id: 'x1', type: 'function', function: { name: 'read', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'x1', content: 'text' },
      ],
      tools: [
        {
          type: 'function',
          function: { name: 'read', description: 'Reads.', parameters: { type: 'object' } },
        },
      ],
    });
  });
});

it('asks each endpoint in each form once, however the calls alternate between them', async () => {
  const server = serverThatKnows();
  await using first = await startFaultServer(server);
  await using second = await startFaultServer(server);
  const endpoints = [first, second].map((one, index) => ({
    name: `e${index}`,
    baseUrl: one.url,
    model: 'm1',
  }));
  const routers = endpoints.map((endpoint) => createRouter({ endpoints: [endpoint] }));
  let turn = 0;
  const router: Router = {
    ...createRouter({ endpoints }),
    async acquire(request) {
      turn += 1;
      if (turn > 10) return undefined;
      return await routers[turn % 2]?.acquire(request);
    },
  };
  const { llm } = setUpClient('', { router });
  expect((await llm.completeJson({ ...HELLO, schema })).value).toEqual(GOOD);
  expect([first.seen.length, second.seen.length].toSorted()).toEqual([2, 3]);
});
