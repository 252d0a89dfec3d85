import {
  applyRecord,
  AttemptIdSchema,
  INITIAL_RUN_STATE,
  TaskIdSchema,
  type Clock,
  type RunEvent,
} from '@agentswarm/core';
import { createBudget, type BudgetPolicy, type Price } from '@agentswarm/llm-client';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { findAttemptStop } from '../attempt/find-attempt-stop.ts';
import { nextActions } from '../run/next-actions.ts';
import { createReportingBudget } from './create-reporting-budget.ts';
import { createRent } from './rent.ts';

const attempt = { taskId: TaskIdSchema.parse('a'), attemptId: AttemptIdSchema.parse('a.1') };
const MINUTE_MS = 60_000;

/** Time that passes when it is told to, a minute at a time. */
function createHandClock() {
  let nowMs = 0;
  let sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];
  const clock: Clock = {
    nowMs: () => nowMs,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        sleepers.push({ atMs: nowMs + delayMs, wake: resolve });
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  };
  const pass = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      nowMs += MINUTE_MS;
      const due = sleepers.filter(({ atMs }) => atMs <= nowMs);
      sleepers = sleepers.filter(({ atMs }) => atMs > nowMs);
      for (const { wake } of due) wake();
      await setImmediate();
    }
  };
  return { clock, pass };
}

async function setUp(price: Price, policy: BudgetPolicy) {
  const { clock, pass } = createHandClock();
  let state = INITIAL_RUN_STATE;
  const append = (event: RunEvent) => {
    state = applyRecord(state, { seq: state.lastSeq + 1, atMs: clock.nowMs(), event });
  };
  const budget = createReportingBudget(await createBudget({ policy, clock }), { state: () => state, append });
  const endpoint = { name: 'rented', baseUrl: 'http://rented', model: 'm', price };
  const free = { name: 'free', baseUrl: 'http://free', model: 'm', price: {} };
  return {
    rent: createRent(budget, [endpoint, free]),
    pass,
    spentUsd: () => budget.status().byProvider['rented']?.usd ?? 0,
    state: () => state,
    actions: () => nextActions(state, { maxPlanningRounds: 9, maxAttempts: 3, maxWorkers: 1, shared: [] }),
  };
}

it('charges the hours of servers while a run lasts, and pauses the run when they are used up', async () => {
  const run = await setUp({ usdPerServerHour: 6 }, { run: { usd: 1 } });
  await using servers = await run.rent.servers();
  await run.pass(7);
  expect(run.spentUsd()).toBeCloseTo(0.7, 9);
  expect(run.actions()).toMatchObject([{ type: 'plan' }]);
  await run.pass(3);
  expect(run.actions()).toMatchObject([
    { type: 'finish', outcome: 'paused', reason: expect.stringContaining('1.10 USD would do') },
  ]);
  await servers[Symbol.asyncDispose]();
  expect(run.spentUsd()).toBeCloseTo(1, 9);
  await run.pass(5);
  expect(run.spentUsd()).toBeCloseTo(1, 9);
});

it('charges the seconds of a sandbox to its attempt, and ends the attempt alone when its bound is reached', async () => {
  const run = await setUp({ usdPerSandboxSecond: 0.001 }, { attempt: { usd: 0.15 } });
  await using sandbox = await run.rent.sandbox(attempt);
  await run.pass(1);
  expect(run.spentUsd()).toBeCloseTo(0.06, 9);
  expect(findAttemptStop(run.state(), attempt.attemptId)).toBeUndefined();
  await run.pass(1);
  expect(findAttemptStop(run.state(), attempt.attemptId)).toMatchObject({ kind: 'out_of_budget' });
  expect(run.actions()).toMatchObject([{ type: 'plan' }]);
  await sandbox[Symbol.asyncDispose]();
  expect(run.spentUsd()).toBeCloseTo(0.12, 9);
});

it('charges nothing where the first minute does not fit, and tells whose bound that is', async () => {
  const run = await setUp({ usdPerServerHour: 6 }, { providers: { rented: { usd: 0.05 } } });
  await using _servers = await run.rent.servers();
  await run.pass(3);
  expect(run.spentUsd()).toBe(0);
  expect(run.state().spend.exhaustedProviders.has('rented')).toBe(true);
});
