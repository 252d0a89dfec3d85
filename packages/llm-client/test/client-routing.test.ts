import { TaskIdSchema } from '@agentswarm/core';
import { createBudget, memoryBudgetStore, type BudgetStore, type LlmEndpoint } from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import { HELLO, setUpClient } from './client-setup.ts';
import {
  answers,
  cutsStream,
  fails,
  hangs,
  says,
  startFaultServer,
  type FaultServer,
} from './fault-server.ts';

const PRICE = { inputUsdPerMillion: 1, outputUsdPerMillion: 10 };

function endpointAt(server: FaultServer, name: string, rest: Partial<LlmEndpoint> = {}): LlmEndpoint {
  return { name, baseUrl: server.url, model: 'm1', ...rest };
}

describe('several endpoints', () => {
  it.each([
    ['500', fails(500)],
    ['429', fails(429)],
    ['402', fails(402)],
    ['a dropped connection', (response: { destroy(): unknown }) => response.destroy()],
    ['silence', hangs],
  ] as const)('answer in the place of one that fails with %s, without a wait', async (_name, behaviour) => {
    await using bad = await startFaultServer(behaviour);
    await using good = await startFaultServer(says('from the second'));
    const { llm, events, slept } = setUpClient('', {
      endpoints: [endpointAt(bad, 'bad', { weight: 100 }), endpointAt(good, 'good')],
      timeoutMs: 1_000,
    });
    const { text, endpoint } = await llm.complete(HELLO);
    expect([text, endpoint]).toEqual(['from the second', 'good']);
    expect(events).toMatchObject([
      { endpoint: 'bad', ok: false, route: { reason: 'preferred' } },
      { endpoint: 'good', ok: true, route: { reason: 'failover' } },
    ]);
    expect(slept).toEqual([]);
  });

  it.each([400, 401, 403, 404])('are not asked what one refused with %i', async (status) => {
    await using bad = await startFaultServer(fails(status));
    await using good = await startFaultServer(says('no'));
    const endpoints = [endpointAt(bad, 'bad', { weight: 100 }), endpointAt(good, 'good')];
    await expect(setUpClient('', { endpoints }).llm.complete(HELLO)).rejects.toMatchObject({
      details: { status },
    });
    expect(good.seen).toEqual([]);
  });

  it('are not asked again once a part of a stream was given', async () => {
    await using bad = await startFaultServer(cutsStream);
    await using good = await startFaultServer(says('no'));
    const endpoints = [endpointAt(bad, 'bad', { weight: 100 }), endpointAt(good, 'good')];
    const { llm } = setUpClient('', { endpoints });
    const given: string[] = [];
    const read = async () => {
      for await (const part of llm.stream(HELLO)) given.push(part.type);
    };
    await expect(read()).rejects.toMatchObject({ code: 'ANSWER_CUT' });
    expect(given).toEqual(['text']);
    expect(good.seen).toEqual([]);
  });

  it('wait and go round again when all fail for a passing reason', async () => {
    await using a = await startFaultServer(answers(fails(500), says('a at last')));
    await using b = await startFaultServer(fails(429, 'later', { 'retry-after': '3600' }));
    const endpoints = [endpointAt(a, 'a', { weight: 100 }), endpointAt(b, 'b')];
    const { llm, slept } = setUpClient('', { endpoints });
    expect((await llm.complete(HELLO)).text).toBe('a at last');
    expect(slept).toHaveLength(1);
    expect([a.seen.length, b.seen.length]).toEqual([2, 1]);
  });

  it('are not asked again after a silence, whatever the others do', async () => {
    await using silent = await startFaultServer(hangs);
    await using failing = await startFaultServer(answers(fails(500), says('at last')));
    const endpoints = [endpointAt(silent, 'a', { weight: 100 }), endpointAt(failing, 'b')];
    const { llm } = setUpClient('', { endpoints, timeoutMs: 1_000 });
    expect((await llm.complete(HELLO)).text).toBe('at last');
    expect([silent.seen.length, failing.seen.length]).toEqual([1, 2]);
  });

  it('get their own name of the model, and a role the models it may use in order', async () => {
    await using a = await startFaultServer(fails(500));
    await using b = await startFaultServer(says('hi'));
    const endpoints = [
      endpointAt(a, 'a', { model: 'glm-5', models: ['glm-5', 'big'] }),
      endpointAt(b, 'b', { model: 'zai-org/GLM-5-FP8', models: ['small'] }),
    ];
    const { llm } = setUpClient('', {
      endpoints,
      models: { judge: { prefer: ['big'], fallback: ['small'] } },
    });
    await llm.complete(HELLO);
    await llm.complete({ ...HELLO, role: 'judge' });
    const models = [...a.seen, ...b.seen].map(({ body }) => (JSON.parse(body) as { model: string }).model);
    expect(models.toSorted()).toEqual(['big', 'glm-5', 'small', 'zai-org/GLM-5-FP8'].toSorted());
  });
});

describe('a budget', () => {
  it('is reserved before each request, settled with what it used, and named in the event', async () => {
    await using server = await startFaultServer(says('hi'));
    await using budget = await createBudget({ policy: { run: { usd: 1 } }, store: memoryBudgetStore() });
    const { llm, events } = setUpClient('', {
      endpoints: [endpointAt(server, 'e', { price: PRICE })],
      budget,
    });
    await llm.complete(HELLO);
    expect(events).toMatchObject([{ costUsd: (7 * 1 + 5 * 10) / 1e6 }]);
    expect(budget.status()).toMatchObject({
      spent: { usd: 57e-6, tokens: 12 },
      reserved: { usd: 0, tokens: 0 },
      byProvider: { e: { tokens: 12 } },
    });
  });

  it('that is used up makes no request, and says what would do', async () => {
    await using server = await startFaultServer(says('hi'));
    await using budget = await createBudget({ policy: { task: { tokens: 50 } } });
    const { llm, events } = setUpClient('', { endpoints: [endpointAt(server, 'e')], budget });
    const attribution = { taskId: TaskIdSchema.parse('t1') };
    await expect(llm.complete({ ...HELLO, attribution })).rejects.toMatchObject({
      code: 'BUDGET_EXHAUSTED',
      details: { scope: 'task', scopeId: 't1', limit: 50, needed: 102 },
    });
    expect([server.seen, events]).toEqual([[], []]);
    await llm.complete({ ...HELLO, attribution, maxTokens: 48 });
    expect(server.seen).toHaveLength(1);
  });

  it('of one provider that is used up sends calls to the next', async () => {
    await using a = await startFaultServer(says('a'));
    await using b = await startFaultServer(says('b'));
    await using budget = await createBudget({ policy: { providers: { runpod: { tokens: 110 } } } });
    const endpoints = [endpointAt(a, 'runpod'), endpointAt(b, 'modal', { tier: 1 })];
    const { llm, events } = setUpClient('', { endpoints, budget });
    const texts = [];
    for (let call = 0; call < 3; call += 1) texts.push((await llm.complete(HELLO)).text);
    expect(texts).toEqual(['a', 'b', 'b']);
    expect(events.map(({ route }) => route)).toEqual([
      { reason: 'preferred' },
      { reason: 'failover' },
      { reason: 'overflow', detail: 'credit' },
    ]);
  });

  it('is not spent by a call that was aborted while it was reserved', async () => {
    await using server = await startFaultServer(says('hi'));
    const abort = new AbortController();
    const store = memoryBudgetStore();
    const append: BudgetStore['append'] = async (entry) => {
      abort.abort(new RangeError('enough'));
      await store.append(entry);
    };
    await using budget = await createBudget({ store: { ...store, append } });
    const { llm } = setUpClient(server.url, { budget });
    await expect(llm.complete({ ...HELLO, signal: abort.signal })).rejects.toThrow('enough');
    expect(budget.status()).toMatchObject({ spent: { tokens: 0 }, reserved: { tokens: 0 } });
    expect(server.seen).toEqual([]);
  });

  it('that cannot record what was spent leaves no call unreported', async () => {
    await using server = await startFaultServer(says('hi'));
    const store = memoryBudgetStore();
    let appended = 0;
    const append: BudgetStore['append'] = async (entry) => {
      appended += 1;
      if (appended > 1) throw new RangeError('disk full');
      await store.append(entry);
    };
    await using budget = await createBudget({ store: { ...store, append } });
    const { llm, events } = setUpClient(server.url, { budget });
    await expect(llm.complete(HELLO)).rejects.toMatchObject({ code: 'BUDGET_UNWRITABLE' });
    expect(events).toMatchObject([{ ok: true, promptTokens: 7, completionTokens: 5 }]);
  });

  it('counts failed requests, and a price nobody knows is refused', async () => {
    await using server = await startFaultServer(answers(fails(500), says('hi')));
    await using budget = await createBudget({ policy: { run: { usd: 1 } } });
    const priced = setUpClient('', { endpoints: [endpointAt(server, 'e', { price: PRICE })], budget });
    await priced.llm.complete(HELLO);
    expect(budget.status().spent.tokens).toBe(12);
    const unpriced = setUpClient('', { endpoints: [endpointAt(server, 'e')], budget });
    await expect(unpriced.llm.complete(HELLO)).rejects.toMatchObject({ code: 'PRICE_UNKNOWN' });
    expect(server.seen).toHaveLength(2);
  });
});
