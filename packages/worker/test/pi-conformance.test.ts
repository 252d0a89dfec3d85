import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttemptIdSchema, TaskIdSchema } from '@agentswarm/core';
import { createGateway, createScriptedModelServer } from '@agentswarm/llm-client';
import { ModelRuntime } from '@earendil-works/pi-coding-agent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Context = Parameters<ModelRuntime['streamSimple']>[1];
type Message = Context['messages'][number];

const MODEL = 'scripted-test';
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
const TOOLS = ['write', 'bash'].map((name) => ({
  name,
  description: name,
  parameters: { type: 'object', properties: {} },
})) as NonNullable<Context['tools']>;

/** The scripted server and a gateway in front of it, with the number of requests that came through. */
async function openBench() {
  const dir = await mkdtemp(join(tmpdir(), 'pi-'));
  const scriptDir = join(dir, 'script');
  await mkdir(scriptDir);
  await writeFile(join(scriptDir, 'model.json'), JSON.stringify({ model: MODEL }));
  await writeFile(join(scriptDir, 'a.rules.json'), JSON.stringify({ rules: RULES }));
  let requests = 0;
  const server = await createScriptedModelServer({ scriptDir, onRequest: () => (requests += 1) });
  const calls: { readonly ok: boolean; readonly promptTokens: number }[] = [];
  const gateway = await createGateway({
    endpoints: [{ name: 'scripted', baseUrl: server.url, model: MODEL }],
    socketDir: join(dir, 'gateway'),
    tcp: true,
    onCall: (event) => calls.push(event),
  });
  const issue = () => {
    const taskId = TaskIdSchema.parse('a');
    const attemptId = AttemptIdSchema.parse('a.1');
    const grant = gateway.grant({ taskId, attemptId, role: 'worker' });
    return { key: grant.token.reveal(), revoke: () => grant.revoke() };
  };
  return {
    calls,
    requests: () => requests,
    scripted: { baseUrl: `${server.url}/v1`, key: 'any' },
    gateway: { baseUrl: gateway.url ?? '', key: issue().key },
    issue,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await server.close();
      await rm(dir, { recursive: true });
    },
  };
}

/** Pi's model layer as the worker sets it up, with the model list taken from the server. */
async function connectPi({ baseUrl, key }: { readonly baseUrl: string; readonly key: string }) {
  const runtime = await ModelRuntime.create({
    credentials: {
      read: () => Promise.resolve({ type: 'api_key', key }),
      modify: () => Promise.resolve({ type: 'api_key', key }),
      list: () => Promise.resolve([{ providerId: 'swarm', type: 'api_key' }]),
      delete: () => Promise.resolve(),
    },
    modelsPath: null,
    refreshOnCreate: false,
  });
  const listed = await fetch(`${baseUrl}/models`, { headers: { authorization: `Bearer ${key}` } });
  const { data } = (await listed.json()) as { data: readonly { id: string }[] };
  runtime.registerProvider('swarm', {
    api: 'openai-completions',
    baseUrl,
    apiKey: 'unused',
    models: [...data, { id: 'unknown' }].map(({ id }) => ({
      id,
      name: id,
      reasoning: false,
      input: ['text'],
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      contextWindow: 8_000,
      maxTokens: 1_000,
      compat: { supportsStore: false, supportsDeveloperRole: false, maxTokensField: 'max_tokens' },
    })),
  });
  await runtime.getAvailable('swarm');
  const stream = (context: Context, options: { model?: string; signal?: AbortSignal } = {}) =>
    runtime.streamSimple(runtime.getModel('swarm', options.model ?? MODEL)!, context, {
      maxRetries: 0,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  return { runtime, stream };
}

const ask = (content: string): Context => ({ messages: [{ role: 'user', content, timestamp: 1 }] });
const textOf = (message: Message): string =>
  typeof message.content === 'string'
    ? message.content
    : message.content.map((part) => (part.type === 'text' ? part.text : '')).join('');

let bench: Awaited<ReturnType<typeof openBench>>;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

describe.each(['scripted', 'gateway'] as const)('the Pi SDK against the %s server', (way) => {
  it('has the listed model', async () => {
    const { runtime } = await connectPi(bench[way]);
    expect(runtime.getModels('swarm').map(({ id }) => id)).toContain(MODEL);
  });

  it('streams a text that adds up, with usage', async () => {
    const { stream } = await connectPi(bench[way]);
    const pieces: string[] = [];
    const events = stream(ask('text'));
    for await (const event of events) if (event.type === 'text_delta') pieces.push(event.delta);
    const message = await events.result();
    expect(pieces.join('')).toBe(LONG);
    expect(pieces.length).toBeGreaterThan(10);
    expect(textOf(message)).toBe(LONG);
    expect(message.stopReason).toBe('stop');
    expect(message.usage.output).toBe(Math.ceil(LONG.length / 4));
    if (way === 'gateway') expect(bench.calls.at(-1)).toMatchObject({ ok: true });
  });

  it('calls tools and goes on after their results', async () => {
    const { stream } = await connectPi(bench[way]);
    const first = await stream({ ...ask('tools'), tools: TOOLS }).result();
    expect(first.stopReason).toBe('toolUse');
    const calls = first.content.filter((part) => part.type === 'toolCall');
    expect(calls.map((call) => [call.name, call.arguments])).toEqual([
      ['write', CODE],
      ['bash', { command: 'ls' }],
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    const results = calls.map((call): Message => ({
      role: 'toolResult',
      toolCallId: call.id,
      toolName: call.name,
      content: [{ type: 'text', text: 'done' }],
      isError: false,
      timestamp: 2,
    }));
    const context = { messages: [...ask('tools').messages, first, ...results], tools: TOOLS };
    expect(textOf(await stream(context).result())).toBe('finished');
  });

  it.each([
    ['busy', MODEL, /429/],
    ['unscripted', MODEL, /unscripted|no answer/],
    ['text', 'unknown', /404|unknown/],
  ])('ends in an error that says why: %s of %s', async (content, model, message) => {
    const { stream } = await connectPi(bench[way]);
    const answer = await stream(ask(content), { model }).result();
    expect(answer.stopReason).toBe('error');
    expect(answer.errorMessage).toMatch(message);
  });

  it('can abort', async () => {
    const { stream } = await connectPi(bench[way]);
    const before = bench.requests();
    const abort = new AbortController();
    const pending = stream(ask('slow'), { signal: abort.signal }).result();
    while (bench.requests() === before) await new Promise((resolve) => setTimeout(resolve, 5));
    abort.abort();
    expect((await pending).stopReason).toBe('aborted');
  });
});

it('the Pi SDK is told that its token was revoked', async () => {
  const { key, revoke } = bench.issue();
  const { stream } = await connectPi({ ...bench.gateway, key });
  expect((await stream(ask('text')).result()).stopReason).toBe('stop');
  revoke();
  const refused = await stream(ask('text')).result();
  expect(refused.stopReason).toBe('error');
  expect(refused.errorMessage).toContain('401');
  expect(refused.errorMessage).not.toContain(key);
});
