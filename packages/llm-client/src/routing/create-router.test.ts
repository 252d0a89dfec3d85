import { systemClock, type Clock } from '@agentswarm/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import { LlmError } from '../errors.ts';
import { createRouter } from './create-router.ts';
import type { Route, RouteOutcome, RouteRequest } from './router.ts';

const at = (name: string, rest: Partial<LlmEndpoint> = {}): LlmEndpoint => ({
  name,
  baseUrl: `http://${name}`,
  model: 'm',
  ...rest,
});
const ASK: RouteRequest = { role: 'worker', models: [], estimatedTokens: 10 };
const OK: RouteOutcome = { kind: 'ok', durationMs: 100, promptTokens: 5, completionTokens: 5 };
const failed = (code: 'SERVER_ERROR' | 'RATE_LIMITED', details = {}): RouteOutcome => ({
  kind: 'failed',
  error: new LlmError(code, 'x', { details }),
});

/** A clock that stands still until told; who sleeps wakes when it passes. */
function createManualClock(): Clock & { advance(ms: number): Promise<void> } {
  let nowMs = 0;
  const sleepers = new Set<{ atMs: number; wake: () => void }>();
  return {
    nowMs: () => nowMs,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { atMs: nowMs + delayMs, wake: () => resolve() };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason as Error);
        });
      }),
    async advance(ms) {
      nowMs += ms;
      for (const sleeper of sleepers) {
        if (sleeper.atMs > nowMs) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await systemClock.sleep(0);
    },
  };
}

async function take(
  router: ReturnType<typeof createRouter>,
  request: Partial<RouteRequest> = {},
): Promise<Route> {
  const route = await router.acquire({ ...ASK, ...request });
  return route ?? expect.fail('no endpoint was left');
}

describe('createRouter', () => {
  it('refuses no endpoint, a name twice and an unusable URL', () => {
    expect(() => createRouter({ endpoints: [] })).toThrow('no endpoint is given');
    expect(() => createRouter({ endpoints: [at('a'), at('a')] })).toThrow('two endpoints are named a');
    expect(() => createRouter({ endpoints: [at('a', { baseUrl: 'ftp://x' })] })).toThrow('endpoint a');
  });

  it('asks only endpoints that serve the role and the model', async () => {
    const router = createRouter({
      endpoints: [at('planning', { roles: ['planner'] }), at('big', { models: ['glm-5'] }), at('any')],
    });
    expect((await take(router, { role: 'planner', models: ['other'] })).endpoint.name).not.toBe('big');
    expect((await take(router, { models: ['glm-5'] })).endpoint.name).toBe('big');
    const strict = createRouter({ endpoints: [at('big', { models: ['glm-5'] })] });
    await expect(strict.acquire({ ...ASK, models: ['nope'] })).rejects.toMatchObject({
      code: 'NO_ENDPOINT_FOR_MODEL',
      details: { models: ['nope'], endpoints: ['big'] },
    });
  });

  it('sends a conversation where it was, and others to the less loaded endpoint', async () => {
    const router = createRouter({ endpoints: [at('a'), at('b')] });
    const first = await take(router, { conversation: 'one' });
    const other = await take(router, { conversation: 'two' });
    expect(other.endpoint.name).not.toBe(first.endpoint.name);
    first.finish(OK);
    const again = await take(router, { conversation: 'one' });
    expect([again.endpoint.name, again.reason.kind]).toEqual([first.endpoint.name, 'affinity']);
  });

  it('shares the load by weight', async () => {
    const router = createRouter({ endpoints: [at('a'), at('b', { weight: 3 })] });
    const routes = await Promise.all(Array.from({ length: 8 }, () => take(router)));
    expect(routes.filter(({ endpoint }) => endpoint.name === 'b')).toHaveLength(6);
  });

  it('prefers the faster endpoint once it knows', async () => {
    const router = createRouter({ endpoints: [at('slow'), at('fast')] });
    const routes = [await take(router), await take(router)];
    for (const route of routes) {
      route.finish({ ...OK, durationMs: route.endpoint.name === 'slow' ? 1_000 : 100 });
    }
    const next = await Promise.all(Array.from({ length: 10 }, () => take(router)));
    expect(next.filter(({ endpoint }) => endpoint.name === 'fast').length).toBeGreaterThanOrEqual(9);
  });

  it('leaves an endpoint that fails three times alone for 30 s, then tries it with one call', async () => {
    const clock = createManualClock();
    const router = createRouter({ endpoints: [at('bad', { weight: 100 }), at('good')], clock });
    for (let time = 0; time < 3; time += 1) {
      const route = await take(router);
      expect(route.endpoint.name).toBe('bad');
      route.finish(failed('SERVER_ERROR'));
    }
    expect(router.status()).toMatchObject([{ name: 'bad', state: 'out', failures: 3 }, { state: 'up' }]);
    expect((await take(router)).endpoint.name).toBe('good');
    await clock.advance(30_000);
    expect((await take(router)).endpoint.name).toBe('bad');
    expect((await take(router)).endpoint.name).toBe('good');
  });

  it('obeys a pause the endpoint asked for, and goes to the next tier meanwhile', async () => {
    const clock = createManualClock();
    const router = createRouter({ endpoints: [at('cheap'), at('dear', { tier: 1 })], clock });
    (await take(router)).finish(failed('RATE_LIMITED', { retryAfterMs: 5_000 }));
    const meanwhile = await take(router);
    expect([meanwhile.endpoint.name, meanwhile.reason]).toEqual([
      'dear',
      { kind: 'overflow', because: 'saturated' },
    ]);
    await clock.advance(5_000);
    expect((await take(router)).endpoint.name).toBe('cheap');
  });

  it('goes to the next tier when credit is spent', async () => {
    const router = createRouter({ endpoints: [at('runpod'), at('modal', { tier: 1 })] });
    const spent = new LlmError('BUDGET_EXHAUSTED', 'x', { details: { scope: 'provider' } });
    (await take(router)).finish({ kind: 'failed', error: spent });
    expect(await take(router)).toMatchObject({
      endpoint: { name: 'modal' },
      reason: { kind: 'overflow', because: 'credit' },
    });
  });

  it('lets calls wait in order when every slot is taken, and forgets those that leave', async () => {
    const router = createRouter({ endpoints: [at('a', { limits: { concurrency: 1 } })] });
    const running = await take(router);
    const order: string[] = [];
    const leaving = new AbortController();
    const waiting = ['first', 'gone', 'second'].map(async (name) => {
      const signal = name === 'gone' ? { signal: leaving.signal } : {};
      const route = await take(router, signal);
      order.push(name);
      route.finish(OK);
    });
    leaving.abort(new Error('left'));
    running.finish(OK);
    await expect(waiting[1]).rejects.toThrow('left');
    await Promise.all([waiting[0], waiting[2]]);
    expect(order).toEqual(['first', 'second']);
    expect(router.status()).toMatchObject([{ inFlight: 0, calls: 3 }]);
  });

  it('refuses a call that could not be sent in time, saying when it could', async () => {
    const clock = createManualClock();
    const router = createRouter({ endpoints: [at('a', { limits: { tokensPerMinute: 600 } })], clock });
    (await take(router, { estimatedTokens: 600 })).finish({ kind: 'aborted', usedTokens: 600 });
    await expect(router.acquire({ ...ASK, maxWaitMs: 500 })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      details: { retryAfterMs: 1_000 },
    });
    const patient = router.acquire({ ...ASK, maxWaitMs: 2_000 });
    await clock.advance(1_000);
    expect(await patient).toBeDefined();
  });

  it('waits for a slot also when another endpoint has asked for a long pause', async () => {
    const endpoints = [at('busy', { limits: { concurrency: 1 } }), at('cooling', { tier: 1 })];
    const router = createRouter({ endpoints, clock: createManualClock() });
    const running = await take(router);
    (await take(router)).finish(failed('RATE_LIMITED', { retryAfterMs: 200_000 }));
    const waiting = router.acquire({ ...ASK, maxWaitMs: 1_000 });
    running.finish(OK);
    expect((await waiting)?.endpoint.name).toBe('busy');
  });

  it('asks again after five minutes, however long a pause was asked for', async () => {
    const clock = createManualClock();
    const router = createRouter({ endpoints: [at('a')], clock });
    (await take(router)).finish(failed('RATE_LIMITED', { retryAfterMs: Infinity }));
    const waiting = router.acquire(ASK);
    await clock.advance(300_000);
    expect(await waiting).toBeDefined();
  });

  it('charges the limit of tokens what calls used, whatever they could have used', async () => {
    const clock = createManualClock();
    const router = createRouter({ endpoints: [at('a', { limits: { tokensPerMinute: 600 } })], clock });
    const now = { maxWaitMs: 0, estimatedTokens: 400 };
    (await take(router, { estimatedTokens: 1e12 })).finish(failed('SERVER_ERROR'));
    (await take(router, { estimatedTokens: 1e12 })).finish({ kind: 'aborted', usedTokens: 200 });
    (await take(router, now)).finish({ ...OK, promptTokens: 300, completionTokens: 100 });
    await expect(router.acquire({ ...ASK, ...now })).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await clock.advance(60_000);
    const running = await take(router, { estimatedTokens: 1e12 });
    await clock.advance(60_000);
    expect(await take(router, now)).toBeDefined();
    running.finish({ kind: 'aborted' });
  });

  it('lets a large call have its turn before the small ones behind it', async () => {
    const clock = createManualClock();
    const router = createRouter({ endpoints: [at('a', { limits: { tokensPerMinute: 600 } })], clock });
    const use = (tokens: number): RouteOutcome => ({ kind: 'aborted', usedTokens: tokens });
    (await take(router, { estimatedTokens: 300 })).finish(use(300));
    const order: string[] = [];
    const ask = async (name: string, estimatedTokens: number) => {
      const route = await take(router, { estimatedTokens });
      order.push(name);
      route.finish(use(estimatedTokens));
    };
    const calls = [ask('large', 600), ask('small', 100), ask('small', 100)];
    for (let second = 0; second < 60; second += 1) await clock.advance(1_000);
    await Promise.all(calls);
    expect(order).toEqual(['large', 'small', 'small']);
  });

  it('does not exceed the slots of an endpoint that is out', async () => {
    const router = createRouter({ endpoints: [at('a', { limits: { concurrency: 1 } })] });
    for (let time = 0; time < 3; time += 1) (await take(router)).finish(failed('SERVER_ERROR'));
    const first = await take(router);
    const second = router.acquire(ASK);
    expect(router.status()).toMatchObject([{ state: 'out', inFlight: 1 }]);
    first.finish(failed('SERVER_ERROR'));
    expect(await second).toBeDefined();
  });

  it.each([
    ['has no credit', new LlmError('SERVER_ERROR', 'x', { details: { status: 402 } }), 600_000],
    ['has no budget', new LlmError('BUDGET_EXHAUSTED', 'x', { details: { scope: 'provider' } }), 600_000],
  ])('tries an endpoint again whose trial found that it %s', async (_name, error, waitMs) => {
    const clock = createManualClock();
    const router = createRouter({ endpoints: [at('a'), at('b', { tier: 1 })], clock });
    for (let time = 0; time < 3; time += 1) (await take(router)).finish(failed('SERVER_ERROR'));
    await clock.advance(30_000);
    (await take(router)).finish({ kind: 'failed', error });
    expect((await take(router)).endpoint.name).toBe('b');
    await clock.advance(waitMs);
    expect((await take(router)).endpoint.name).toBe('a');
  });

  it('learns nothing of a trial from calls that are older', async () => {
    const clock = createManualClock();
    const router = createRouter({ endpoints: [at('a'), at('b', { tier: 1 })], clock });
    const old = [await take(router), await take(router)];
    for (let time = 0; time < 3; time += 1) (await take(router)).finish(failed('SERVER_ERROR'));
    await clock.advance(30_000);
    const trial = await take(router);
    old[0]?.finish({ kind: 'aborted' });
    old[1]?.finish(failed('SERVER_ERROR'));
    expect([trial.endpoint.name, (await take(router)).endpoint.name]).toEqual(['a', 'b']);
    trial.finish({ kind: 'aborted' });
    expect((await take(router)).endpoint.name).toBe('a');
  });

  it('a call that is too large for what a provider may cost keeps no smaller one away', async () => {
    const router = createRouter({ endpoints: [at('a'), at('b', { tier: 1 })] });
    const refused = (wanted: number): RouteOutcome => ({
      kind: 'failed',
      error: new LlmError('BUDGET_EXHAUSTED', 'x', {
        details: { scope: 'provider', limit: 100, spent: 40, reserved: 30, wanted },
      }),
    });
    (await take(router, { estimatedTokens: 5_000 })).finish(refused(5_000));
    expect((await take(router, { estimatedTokens: 5_000 })).endpoint.name).toBe('b');
    const small = await take(router, { estimatedTokens: 50 });
    expect(small.endpoint.name).toBe('a');
    // It will fit when the calls under way are settled.
    small.finish(refused(50));
    expect((await take(router, { estimatedTokens: 50 })).endpoint.name).toBe('a');
  });

  it('loses no slot and no call when calls leave the line at any moment', async () => {
    const ends = fc.constantFrom<RouteOutcome>(OK, { kind: 'aborted' }, failed('SERVER_ERROR'));
    const call = fc.record({
      ends,
      leaves: fc.boolean(),
      tokens: fc.nat({ max: 40 }),
      turns: fc.nat({ max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 40 }), async (script) => {
        const clock = createManualClock();
        const limits = { concurrency: 2, tokensPerMinute: 60 };
        const router = createRouter({ endpoints: [at('a', { limits }), at('b', { limits })], clock });
        const calls = script.map(async ({ ends: outcome, leaves, tokens, turns }) => {
          const abort = new AbortController();
          const acquired = router.acquire({ ...ASK, estimatedTokens: tokens, signal: abort.signal });
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
          if (leaves) abort.abort(new RangeError('left'));
          const [result] = await Promise.allSettled([acquired]);
          if (result.status === 'rejected') return expect(leaves).toBe(true);
          expect(router.status().every(({ inFlight }) => inFlight <= 2)).toBe(true);
          result.value?.finish(outcome);
        });
        // Each minute lets through at least one call.
        for (let minute = 0; minute < script.length; minute += 1) await clock.advance(60_000);
        await Promise.all(calls);
        expect(router.status().map(({ inFlight }) => inFlight)).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  it('never exceeds an endpoint’s concurrency and loses no call, whatever happens', async () => {
    const limits = [1, 2, 3] as const;
    const outcomes: readonly RouteOutcome[] = [OK, { kind: 'aborted' }, failed('SERVER_ERROR')];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 60 }), async (script) => {
        const router = createRouter({
          endpoints: limits.map((concurrency) => at(`e${concurrency}`, { limits: { concurrency } })),
        });
        let most = 0;
        const served = await Promise.all(
          script.map(async (choice) => {
            const route = await take(router);
            const [one, two, three] = router.status().map(({ inFlight }) => inFlight);
            expect([one, two, three].every((count, index) => (count ?? 0) <= index + 1)).toBe(true);
            most = Math.max(most, (one ?? 0) + (two ?? 0) + (three ?? 0));
            await systemClock.sleep(0);
            route.finish(outcomes[choice] ?? OK);
            return route;
          }),
        );
        expect(served).toHaveLength(script.length);
        expect(router.status().every(({ inFlight }) => inFlight === 0)).toBe(true);
        if (script.length >= 6) expect(most).toBe(6);
      }),
      { numRuns: 60 },
    );
  });
});
