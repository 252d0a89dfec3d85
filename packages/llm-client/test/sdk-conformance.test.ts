import OpenAI, {
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  RateLimitError,
} from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, until, type GatewayBench } from './gateway-setup.ts';
import { serveScript } from './script-dir.ts';

const LONG = `${'Grüße 🌍 an alle. '.repeat(20)}Ende`;
const CODE = { path: 'src/a.ts', content: 'export const a = `${1}` + "\\n";\n'.repeat(10) };
const RULES = [
  { name: 'text', when: { lastUser: ['^text$'] }, steps: [{ text: LONG }] },
  {
    name: 'tools',
    when: { lastUser: ['^tools$'] },
    steps: [
      {
        text: 'two calls',
        toolCalls: [
          { name: 'write', arguments: CODE },
          { name: 'bash', arguments: { command: 'ls' } },
        ],
      },
      { alternatives: [{ when: { lastToolResult: ['done'] }, text: 'finished' }] },
    ],
  },
  { name: 'slow', when: { lastUser: ['^slow$'] }, steps: [{ text: LONG, delayMs: 3_600_000 }] },
  { name: 'busy', when: { lastUser: ['^busy$'] }, steps: [{ fault: { status: 429, retryAfter: 1 } }] },
];
const tools = ['write', 'bash'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: {} },
}));
const model = 'scripted-test';
const ask = (content: string) => [{ role: 'user' as const, content }];

let server: Awaited<ReturnType<typeof serveScript>>;
let bench: GatewayBench;
beforeAll(async () => {
  server = await serveScript(RULES);
  bench = await openGateway(server.url);
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const WAYS = {
  'the scripted server': () => new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'any', maxRetries: 0 }),
  'the gateway': () => {
    const { url, token } = bench.grantFor('a', model);
    return new OpenAI({ baseURL: url, apiKey: token.reveal(), maxRetries: 0 });
  },
};

describe.each(Object.entries(WAYS))('the official SDK against %s', (way, connect) => {
  it('lists models', async () => {
    const models = await connect().models.list();
    expect(models.data).toMatchObject([{ id: model, object: 'model', owned_by: 'scripted' }]);
  });

  it('gets a whole answer with usage', async () => {
    const answer = await connect().chat.completions.create({ model, messages: ask('text') });
    expect(answer.choices[0]).toMatchObject({
      message: { role: 'assistant', content: LONG },
      finish_reason: 'stop',
    });
    expect(answer.usage?.completion_tokens).toBe(Math.ceil(LONG.length / 4));
    expect(answer.usage?.total_tokens).toBe(
      (answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0),
    );
  });

  it('gets a stream that adds up to the same answer', async () => {
    const stream = await connect().chat.completions.create({
      model,
      messages: ask('text'),
      stream: true,
      stream_options: { include_usage: true },
    });
    const pieces: string[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const part of stream) {
      pieces.push(part.choices[0]?.delta.content ?? '');
      usage = part.usage ?? usage;
    }
    expect(pieces.join('')).toBe(LONG);
    expect(pieces.length).toBeGreaterThan(10);
    expect(usage?.completion_tokens).toBe(Math.ceil(LONG.length / 4));
  });

  it('accumulates fragmented tool calls and goes on after their results', async () => {
    const client = connect();
    const runner = client.chat.completions.stream({ model, messages: ask('tools'), tools });
    const { choices } = await runner.finalChatCompletion();
    const message = choices[0]?.message;
    expect(choices[0]?.finish_reason).toBe('tool_calls');
    expect(message?.content).toBe('two calls');
    const calls = (message?.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? [call] : []));
    expect(
      calls.map(({ function: { name, arguments: json } }) => [name, JSON.parse(json) as unknown]),
    ).toEqual([
      ['write', CODE],
      ['bash', { command: 'ls' }],
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    const next = await client.chat.completions.create({
      model,
      tools,
      messages: [
        ...ask('tools'),
        { role: 'assistant', content: null, tool_calls: calls },
        ...calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'done' })),
      ],
    });
    expect(next.choices[0]?.message.content).toBe('finished');
  });

  it('sees errors as what they are', async () => {
    const create = (body: { model?: string; messages?: ReturnType<typeof ask> }) =>
      connect().chat.completions.create({ model, messages: ask('text'), ...body });
    await expect(create({ model: 'gpt-5' })).rejects.toBeInstanceOf(NotFoundError);
    await expect(create({ messages: ask('unknown') })).rejects.toBeInstanceOf(BadRequestError);
    await expect(create({ messages: ask('unknown') })).rejects.toMatchObject({ code: 'unscripted_request' });
    const busy: unknown = await create({ messages: ask('busy') }).catch((error: unknown) => error);
    expect(busy).toBeInstanceOf(RateLimitError);
    expect((busy as RateLimitError).headers.get('retry-after')).toBe('1');
    if (way === 'the gateway') {
      const stranger = new OpenAI({ baseURL: bench.gateway.url ?? '', apiKey: 'unknown', maxRetries: 0 });
      await expect(stranger.models.list()).rejects.toBeInstanceOf(AuthenticationError);
    }
  });

  it('can abort', async () => {
    const abort = new AbortController();
    const before = server.requests.length;
    const pending = connect().chat.completions.create(
      { model, messages: ask('slow') },
      { signal: abort.signal },
    );
    const failed = expect(pending).rejects.toBeInstanceOf(APIUserAbortError);
    await until(() => server.requests.length > before);
    abort.abort();
    await failed;
  });
});

describe('a paced script', () => {
  it('streams in order and ends with the finish, the usage and DONE', async () => {
    await using paced = await serveScript([{ name: 'r', when: {}, steps: [{ text: 'a b c' }] }], {
      'model.json': { model, latencyMs: 1, tokensPerSecond: 1000 },
    });
    const response = await fetch(`${paced.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({
        model,
        messages: ask('x'),
        stream: true,
        stream_options: { include_usage: true },
      }),
    });
    const events = (await response.text()).trim().split('\n\n');
    expect(events.at(-1)).toBe('data: [DONE]');
    const parts = events
      .slice(0, -1)
      .map((event) => JSON.parse(event.slice(6)) as OpenAI.ChatCompletionChunk);
    expect(
      parts.map(({ choices, usage }) => [choices[0]?.delta, choices[0]?.finish_reason, usage === null]),
    ).toEqual([
      [{ role: 'assistant', content: '' }, null, true],
      [{ content: 'a b c' }, null, true],
      [{}, 'stop', true],
      [undefined, undefined, false],
    ]);
  });
});
