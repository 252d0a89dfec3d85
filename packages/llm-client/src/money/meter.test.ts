import type { BudgetPolicy, Clock } from '@agentswarm/core';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createBudget } from './create-budget.ts';

/** Time that stands until it is moved; says how many are asleep. */
function createStandingClock() {
  let nowMs = 1_000_000;
  const sleepers = new Set<{ readonly atMs: number; readonly wake: () => void }>();
  const clock: Clock = {
    nowMs: () => nowMs,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { atMs: nowMs + delayMs, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason as Error);
        });
      }),
  };
  const pass = async (ms: number) => {
    nowMs += ms;
    for (const sleeper of sleepers) {
      if (sleeper.atMs > nowMs) continue;
      sleepers.delete(sleeper);
      sleeper.wake();
    }
    await setImmediate();
  };
  return { clock, pass, asleep: () => sleepers.size };
}

const RENT = { provider: 'rented', usdPerSecond: 0.001, sliceMs: 10_000 };

async function setUp(policy: BudgetPolicy) {
  const time = createStandingClock();
  const budget = await createBudget({ policy, clock: time.clock });
  const refusals: unknown[] = [];
  const start = () => budget.meter({ ...RENT, onExhausted: (error) => refusals.push(error) });
  return { ...time, budget, refusals, start };
}

it('reserves a slice before it passes and charges what passed', async () => {
  const { budget, start, pass, asleep } = await setUp({});
  const meter = await start();
  expect(budget.status()).toMatchObject({ spent: { usd: 0 }, reserved: { usd: 0.01 } });
  await pass(10_000);
  expect(budget.status()).toMatchObject({ spent: { usd: 0.01 }, reserved: { usd: 0.01 } });
  await pass(4_000);
  await meter[Symbol.asyncDispose]();
  await meter[Symbol.asyncDispose]();
  expect(budget.status()).toMatchObject({
    spent: { usd: 0.014, tokens: 0 },
    reserved: { usd: 0 },
    byProvider: { rented: { usd: 0.014, tokens: 0 } },
  });
  expect(asleep()).toBe(0);
});

it('does not start where the first slice does not fit', async () => {
  const { start, asleep } = await setUp({ run: { usd: 0.009 } });
  await expect(start()).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED', details: { needed: 0.01 } });
  expect(asleep()).toBe(0);
});

it('tells once that the next slice does not fit, and charges what passes until it is stopped', async () => {
  const { budget, start, pass, refusals, asleep } = await setUp({ providers: { rented: { usd: 0.025 } } });
  const meter = await start();
  await pass(10_000);
  expect(refusals).toEqual([]);
  await pass(10_000);
  expect(refusals).toMatchObject([{ code: 'BUDGET_EXHAUSTED', details: { scopeId: 'rented', spent: 0.01 } }]);
  expect(asleep()).toBe(0);
  await pass(60_000);
  await meter[Symbol.asyncDispose]();
  expect(refusals).toHaveLength(1);
  expect(budget.status().spent.usd).toBe(0.08);
});

it('is no call: bounds of a call do not apply to time', async () => {
  const { start } = await setUp({ call: { usd: 0.001 } });
  await using meter = await start();
  expect(meter).toBeDefined();
});

it('charges running meters when the budget is closed', async () => {
  const { budget, start, pass, asleep } = await setUp({});
  await start();
  await pass(3_000);
  await budget[Symbol.asyncDispose]();
  expect(budget.status()).toMatchObject({ spent: { usd: 0.003 }, reserved: { usd: 0 } });
  expect(asleep()).toBe(0);
});

it('leaves nothing asleep when the budget is closed while it starts', async () => {
  const { budget, start, asleep } = await setUp({});
  const starting = start();
  await Promise.all([
    expect(starting).rejects.toMatchObject({ code: 'BUDGET_UNWRITABLE' }),
    budget[Symbol.asyncDispose](),
  ]);
  expect(asleep()).toBe(0);
});
