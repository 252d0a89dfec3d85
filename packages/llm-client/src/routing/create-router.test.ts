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
    (await take(router, { estimatedTokens: 600 })).finish({ kind: 'aborted' });
    await expect(router.acquire({ ...ASK, maxWaitMs: 500 })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      details: { retryAfterMs: 1_000 },
    });
    const patient = router.acquire({ ...ASK, maxWaitMs: 2_000 });
    await clock.advance(1_000);
    expect(await patient).toBeDefined();
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
