import { connect } from 'node:net';
import {
  createBudget,
  createGateway,
  createLlmClient,
  createRouter,
  parseModelNotes,
  type LlmEndpoint,
} from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import { answers, fails, hangs, json, says, startFaultServer, type FaultServer } from './fault-server.ts';
import { HEALTHY_EVENTS, sendsEvents, stalls } from './faults/answer-parts.ts';
import { openGateway, post, rawRequest, until } from './gateway-setup.ts';
import { makeTempDir } from './script-dir.ts';

const CALL = { messages: [{ role: 'user', content: 'Hello' }] };
const endpointAt = (server: FaultServer, name: string, rest: Partial<LlmEndpoint> = {}): LlmEndpoint => ({
  name,
  baseUrl: server.url,
  model: `model-of-${name}`,
  ...rest,
});

describe('several endpoints behind the gateway', () => {
  it.each([
    ['500', fails(500)],
    ['429', fails(429, 'slow', { 'retry-after': '9' })],
    ['silence', hangs],
  ] as const)(
    'one answers where another failed with %s, each with its own name of the model',
    async (_name, bad) => {
      await using first = await startFaultServer(bad);
      await using second = await startFaultServer(says('hi'));
      const endpoints = [endpointAt(first, 'a', { weight: 100 }), endpointAt(second, 'b')];
      await using bench = await openGateway('', { endpoints, requestTimeoutMs: 100 });
      const answer = await post(bench.grantFor('t'), CALL);
      expect(answer.status).toBe(200);
      expect(bench.events).toMatchObject([
        { endpoint: 'a', ok: false },
        { endpoint: 'b', ok: true, route: { reason: 'failover' }, taskId: 't' },
      ]);
      expect(
        [first, second].map(({ seen }) => (JSON.parse(seen[0]?.body ?? '') as { model: string }).model),
      ).toEqual(['model-of-a', 'model-of-b']);
    },
  );

  it('the client hears the newest failure when all fail, and no refusal is repeated', async () => {
    await using first = await startFaultServer(fails(500));
    await using second = await startFaultServer(fails(429, 'busy', { 'retry-after': '9' }));
    const endpoints = [endpointAt(first, 'a', { weight: 100 }), endpointAt(second, 'b')];
    await using bench = await openGateway('', { endpoints });
    const answer = await post(bench.grantFor('t'), CALL);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '9']);
    await using strict = await startFaultServer(fails(400, 'no'));
    await using other = await startFaultServer(says('never'));
    await using refusing = await openGateway('', {
      endpoints: [endpointAt(strict, 'a', { weight: 100 }), endpointAt(other, 'b')],
    });
    expect((await post(refusing.grantFor('t'), CALL)).status).toBe(400);
    expect(other.seen).toEqual([]);
  });

  it('an answer that has begun is cut, not continued elsewhere', async () => {
    await using first = await startFaultServer(
      stalls('text/event-stream', HEALTHY_EVENTS.slice(0, 2).join('')),
    );
    await using second = await startFaultServer(sendsEvents(HEALTHY_EVENTS));
    const endpoints = [endpointAt(first, 'a', { weight: 100 }), endpointAt(second, 'b')];
    await using bench = await openGateway('', { endpoints, requestTimeoutMs: 100 });
    await expect(post(bench.grantFor('t'), { ...CALL, stream: true })).rejects.toThrow();
    expect(second.seen).toEqual([]);
    await until(() => bench.events.length > 0);
    expect(bench.events).toMatchObject([{ endpoint: 'a', ok: false, estimated: true }]);
  });

  it('the calls of one token stay at one endpoint', async () => {
    await using first = await startFaultServer(says('a'));
    await using second = await startFaultServer(says('b'));
    await using bench = await openGateway('', {
      endpoints: [endpointAt(first, 'a'), endpointAt(second, 'b')],
    });
    const grants = [bench.grantFor('one'), bench.grantFor('two')];
    for (let call = 0; call < 4; call += 1) for (const grant of grants) await post(grant, CALL);
    const byTask = new Map<string, Set<string>>();
    for (const { taskId = '', endpoint } of bench.events) {
      byTask.set(taskId, (byTask.get(taskId) ?? new Set()).add(endpoint));
    }
    expect([...byTask.values()].map(({ size }) => size)).toEqual([1, 1]);
  });

  it('share slots and health with the client that has the same router', async () => {
    await using server = await startFaultServer(hangs);
    const router = createRouter({ endpoints: [endpointAt(server, 'a', { limits: { concurrency: 1 } })] });
    await using bench = await openGateway('', { router, limits: { maxWaitMs: 50 } });
    const llm = createLlmClient({ router, maxTokens: 10, temperature: 0, timeoutMs: 60_000 });
    const abort = new AbortController();
    const running = llm.complete({
      role: 'planner',
      messages: [{ role: 'user', content: 'x' }],
      signal: abort.signal,
    });
    await until(() => server.seen.length === 1);
    const answer = await post(bench.grantFor('t'), CALL);
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      429,
      { error: { code: 'endpoints_saturated' } },
    ]);
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });

  it('notes rule models out for a token, too', async () => {
    await using server = await startFaultServer(says('hi'));
    const notes = new Map([['big', parseModelNotes('max-context:2')]]);
    const models = { worker: { prefer: ['big'], fallback: ['small'] } };
    await using bench = await openGateway(server.url, { notes, models });
    const grant = bench.grantFor('t');
    expect((await post(grant, { model: grant.model, messages: CALL.messages })).status).toBe(200);
    expect(JSON.parse(server.seen[0]?.body ?? '')).toMatchObject({ model: 'small' });
  });

  it('their model lists become one', async () => {
    const lists = (...ids: string[]) =>
      startFaultServer((response) => json(response, 200, { data: ids.map((id) => ({ id })) }));
    await using first = await lists('x', 'y');
    await using second = await lists('y', 'z');
    await using broken = await startFaultServer(fails(500));
    const endpoints = [first, second, broken].map((server, index) => endpointAt(server, `e${index}`));
    await using bench = await openGateway('', { endpoints });
    const { url, token } = bench.grantFor('t');
    const headers = { authorization: `Bearer ${token.reveal()}` };
    const list = (await (await fetch(`${url}/models`, { headers })).json()) as { data: { id: string }[] };
    expect(list.data.map(({ id }) => id)).toEqual(['x', 'y', 'z']);
  });
});

describe('money at the gateway', () => {
  it('is reserved and settled for each request; a spent budget is a 402 in OpenAI’s shape', async () => {
    await using server = await startFaultServer(says('hi'));
    await using budget = await createBudget({ policy: { run: { tokens: 130 } } });
    await using bench = await openGateway(server.url, { budget, limits: { defaultMaxTokens: 100 } });
    const grant = bench.grantFor('t');
    expect((await post(grant, CALL)).status).toBe(200);
    // The request set no bound of its own, so the one that was reserved is sent.
    expect(JSON.parse(server.seen[0]?.body ?? '')).toMatchObject({ max_tokens: 100 });
    expect(budget.status().spent.tokens).toBe(12);
    expect((await post(grant, CALL)).status).toBe(200);
    const refused = await post(grant, { ...CALL, max_tokens: 60, n: 2 });
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([
      402,
      { error: { type: 'insufficient_quota', code: 'budget_exhausted' } },
    ]);
    expect(refused.text).toContain('would do');
    expect(server.seen).toHaveLength(2);
  });

  it('gives back what a failed request reserved', async () => {
    await using server = await startFaultServer(answers(fails(500), says('hi')));
    await using budget = await createBudget({ policy: { run: { tokens: 150 } } });
    await using bench = await openGateway(server.url, { budget, limits: { defaultMaxTokens: 100 } });
    const grant = bench.grantFor('t');
    expect((await post(grant, CALL)).status).toBe(500);
    expect((await post(grant, CALL)).status).toBe(200);
    expect(budget.status()).toMatchObject({ spent: { tokens: 12 }, reserved: { tokens: 0 } });
  });

  it('bounds one token besides', async () => {
    await using server = await startFaultServer(says('hi'));
    await using bench = await openGateway(server.url);
    const { token, url = '' } = bench.gateway.grant({ role: 'worker', budget: { tokens: 40 } });
    const calls = [];
    for (let call = 0; call < 3; call += 1)
      calls.push((await post({ token, url }, { ...CALL, max_tokens: 20 })).status);
    expect(calls).toEqual([200, 200, 402]);
  });

  it('counts what was read of an answer whose client left', async () => {
    await using server = await startFaultServer(
      stalls('text/event-stream', HEALTHY_EVENTS.slice(0, 4).join('')),
    );
    await using budget = await createBudget();
    await using bench = await openGateway(server.url, { budget });
    const signal = AbortSignal.timeout(100);
    await expect(post(bench.grantFor('t'), { ...CALL, stream: true }, { signal })).rejects.toThrow();
    await until(() => bench.events.length === 1);
    const { spent, reserved } = budget.status();
    expect([spent.tokens > 3, reserved.tokens]).toEqual([true, 0]);
    await until(() => server.abandoned() === 1);
  });
});

describe('limits', () => {
  it('a token ends by itself, and with it its calls in flight', async () => {
    await using server = await startFaultServer(hangs);
    await using bench = await openGateway(server.url);
    const { token, url = '' } = bench.gateway.grant({ role: 'worker', ttlMs: 150 });
    await expect(post({ token, url }, CALL)).rejects.toThrow();
    expect((await post({ token, url }, CALL)).status).toBe(401);
    await until(() => server.abandoned() === 1);
  });

  it('refuses a head that is too large and a request that does not arrive', async () => {
    await using server = await startFaultServer(says('hi'));
    await using bench = await openGateway(server.url, {
      limits: { maxHeaderBytes: 2048, receiveTimeoutMs: 200 },
    });
    const port = Number(new URL(bench.gateway.url ?? '').port);
    const headers = { authorization: `Bearer ${'x'.repeat(4096)}` };
    expect((await rawRequest({ port, path: '/v1/models', headers })).status).toBe(431);
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    expect(received).toContain('408');
    expect(server.seen).toEqual([]);
  });

  it('is not bound beyond loopback unless that is asked for', async () => {
    await using server = await startFaultServer(says('hi'));
    await using dir = await makeTempDir();
    const options = { endpoints: [endpointAt(server, 'a')], socketDir: dir.path, onCall: () => {} };
    await expect(createGateway({ ...options, tcp: { host: '0.0.0.0' } })).rejects.toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
      details: { host: '0.0.0.0' },
    });
    await using open = await createGateway({ ...options, tcp: { host: '0.0.0.0', allowRemote: true } });
    const port = Number(new URL(open.url ?? '').port);
    const ask = (authorization: string) =>
      rawRequest({ port, path: '/v1/models', headers: { host: 'any.example', authorization } });
    expect((await ask('Bearer guess')).status).toBe(401);
  });
});
