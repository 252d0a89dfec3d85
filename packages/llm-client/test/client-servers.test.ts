import { parseModelNotes } from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import { HELLO, setUpClient } from './client-setup.ts';
import { answers, fails, hangs, says, startFaultServer } from './fault-server.ts';

async function unusedUrl(): Promise<string> {
  const server = await startFaultServer(hangs);
  await server[Symbol.asyncDispose]();
  return server.url;
}

describe('a local server', () => {
  it('is started when it is not reached, once, and then asked', async () => {
    await using servers = new AsyncDisposableStack();
    const endpoint = { name: 'local', baseUrl: await unusedUrl(), model: 'qwen3' };
    let starts = 0;
    const start = async () => {
      starts += 1;
      servers.use(await startFaultServer(says('awake'), Number(new URL(endpoint.baseUrl).port)));
    };
    const stopped = { ...endpoint, localServer: { start: () => Promise.resolve(void (starts += 1)) } };
    await expect(setUpClient('', { endpoints: [stopped] }).llm.complete(HELLO)).rejects.toMatchObject({
      code: 'MODEL_WAIT',
      details: { models: ['qwen3'], endpoints: ['local'] },
    });
    expect(starts).toBe(1);
    const startable = { ...endpoint, localServer: { start } };
    expect((await setUpClient('', { endpoints: [startable] }).llm.complete(HELLO)).text).toBe('awake');
    expect(starts).toBe(2);
  });

  it('that nobody may start is waited for at once, naming the model', async () => {
    const { llm, events, slept } = setUpClient('', {
      endpoints: [{ name: 'local', baseUrl: await unusedUrl(), model: 'qwen3', localServer: {} }],
    });
    await expect(llm.complete(HELLO)).rejects.toThrow(
      'waiting for a model: qwen3 at endpoint local is not running',
    );
    expect([events.length, slept]).toEqual([1, []]);
  });

  it('that cannot be started says why', async () => {
    const start = () => Promise.reject(new Error('no GPU'));
    const endpoints = [{ name: 'local', baseUrl: await unusedUrl(), model: 'm', localServer: { start } }];
    await expect(setUpClient('', { endpoints }).llm.complete(HELLO)).rejects.toMatchObject({
      code: 'MODEL_WAIT',
      cause: { message: 'no GPU' },
    });
  });
});

describe('a model that runs out of memory', () => {
  it('is replaced by the next candidate', async () => {
    await using server = await startFaultServer(
      answers(fails(500, 'CUDA out of memory'), says('small but alive')),
    );
    const endpoints = ['big', 'small'].map((model) => ({
      name: model,
      baseUrl: server.url,
      model,
      models: [model],
    }));
    const { llm, slept } = setUpClient('', {
      endpoints,
      models: { planner: { prefer: ['big'], fallback: ['small'] } },
    });
    expect((await llm.complete(HELLO)).text).toBe('small but alive');
    expect(slept).toEqual([]);
    const asked = server.seen.map(({ body }) => (JSON.parse(body) as { model: string }).model);
    expect(asked).toEqual(['big', 'small']);
  });

  it('is replaced by another model of the same server, too', async () => {
    await using server = await startFaultServer(
      answers(fails(500, 'CUDA out of memory'), says('small but alive')),
    );
    const models = { planner: { prefer: ['big'], fallback: ['small'] } };
    const { llm, events } = setUpClient(server.url, { models });
    expect((await llm.complete(HELLO)).text).toBe('small but alive');
    expect(events.map(({ route }) => route?.reason)).toEqual(['preferred', 'failover']);
  });

  it('is not asked the same again when there is no other', async () => {
    await using server = await startFaultServer(fails(500, 'failed to allocate KV cache'));
    const messages = [{ role: 'user' as const, content: 'x'.repeat(4_000) }];
    await expect(setUpClient(server.url).llm.complete({ ...HELLO, messages })).rejects.toMatchObject({
      code: 'MODEL_CRASHED',
      // A fifth below the 1,000 tokens that were too many.
      details: { suggestedNote: 'max-context:800' },
    });
    expect(server.seen).toHaveLength(1);
  });
});

describe('notes', () => {
  const models = { planner: { prefer: ['a', 'b'], fallback: ['c'] } };
  const askedModel = async (notes: Record<string, string>) => {
    await using server = await startFaultServer(says('hi'));
    const parsed = new Map(Object.entries(notes).map(([model, text]) => [model, parseModelNotes(text)]));
    await setUpClient(server.url, { models, notes: parsed }).llm.complete(HELLO);
    return (JSON.parse(server.seen[0]?.body ?? '') as { model: string }).model;
  };

  it('leave models out and move them to the front', async () => {
    expect(await askedModel({})).toBe('a');
    expect(await askedModel({ a: 'avoid:planner' })).toBe('b');
    expect(await askedModel({ b: 'prefer:planner' })).toBe('b');
    expect(await askedModel({ a: 'max-context:1', b: 'avoid:*' })).toBe('c');
  });

  it('that leave no model are an error saying why', async () => {
    await expect(askedModel({ a: 'avoid:*', b: 'avoid:*', c: 'max-context:1' })).rejects.toThrow(
      'the notes leave no model for role planner: a (avoided), b (avoided), c (prompt_too_long)',
    );
  });
});
