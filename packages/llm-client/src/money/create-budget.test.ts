import type { AttemptId, BudgetPolicy, TaskId } from '@agentswarm/core';
import { expect, it } from 'vitest';
import { assertPriced } from './assert-priced.ts';
import type { BudgetEntry } from './budget-entry.ts';
import type { ReserveRequest } from './budget.ts';
import { createBudget } from './create-budget.ts';
import { memoryBudgetStore } from './memory-budget-store.ts';

const taskId = 'parser' as TaskId;
const attemptId = 'parser.1' as AttemptId;

/** Costs at most 0.12 dollars and 60 000 tokens. */
const CALL: ReserveRequest = {
  provider: 'hosted',
  model: 'glm',
  price: { inputUsdPerMillion: 1, outputUsdPerMillion: 4 },
  promptTokens: 40_000,
  maxCompletionTokens: 20_000,
  taskId,
  attemptId,
};
const used = (promptTokens: number, completionTokens: number) => ({
  promptTokens,
  completionTokens,
  estimated: false,
});

const budgetOf = (policy: BudgetPolicy) => createBudget({ policy });

it('replaces what was reserved by what was used', async () => {
  await using budget = await budgetOf({});
  const reservation = await budget.reserve(CALL);
  expect(budget.status()).toMatchObject({
    spent: { usd: 0, tokens: 0 },
    reserved: { usd: 0.12, tokens: 60_000 },
  });
  expect(await reservation.settle(used(10_000, 5_000))).toEqual({ usd: 0.03, tokens: 15_000 });
  expect(budget.status()).toEqual({
    spent: { usd: 0.03, tokens: 15_000 },
    reserved: { usd: 0, tokens: 0 },
    byProvider: { hosted: { usd: 0.03, tokens: 15_000 } },
    policy: {},
  });
});

it('settles once', async () => {
  await using budget = await budgetOf({});
  const reservation = await budget.reserve(CALL);
  await Promise.all([reservation.settle(used(1_000, 0)), reservation.settle(used(9_000, 0))]);
  expect(await reservation.settle(used(5_000, 0))).toEqual({ usd: 0.001, tokens: 1_000 });
  expect(budget.status().spent).toEqual({ usd: 0.001, tokens: 1_000 });
});

it('says in one line what is used up and what would do', async () => {
  await using budget = await budgetOf({ run: { usd: 0.3 } });
  await (await budget.reserve(CALL)).settle(used(40_000, 5_000));
  await budget.reserve(CALL);
  await expect(budget.reserve({ ...CALL, promptTokens: 50_000 })).rejects.toMatchObject({
    code: 'BUDGET_EXHAUSTED',
    message:
      'budget of the run is used up: 0.18 of 0.30 USD spent or reserved, the call needs up to 0.13 USD more (0.31 USD would do)',
    details: {
      scope: 'run',
      unit: 'usd',
      limit: 0.3,
      spent: 0.06,
      reserved: 0.12,
      wanted: 0.13,
      needed: 0.31,
    },
  });
});

it.each<[BudgetPolicy, object]>([
  [{ run: { usd: 0.2 } }, { scope: 'run', unit: 'usd', needed: 0.24 }],
  [{ run: { tokens: 100_000 } }, { scope: 'run', unit: 'tokens', needed: 120_000 }],
  [{ task: { usd: 0.2 } }, { scope: 'task', scopeId: 'parser', unit: 'usd' }],
  [{ attempt: { tokens: 60_000 } }, { scope: 'attempt', scopeId: 'parser.1', unit: 'tokens' }],
  [{ providers: { hosted: { usd: 0.2 } } }, { scope: 'provider', scopeId: 'hosted', unit: 'usd' }],
  [{ run: { usd: 0.2 }, task: { usd: 0.2 }, attempt: { usd: 0.2 } }, { scope: 'run' }],
])('refuses the second call under %j', async (policy, details) => {
  await using budget = await budgetOf(policy);
  await budget.reserve(CALL);
  await expect(budget.reserve(CALL)).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED', details });
});

it('refuses a call that is too large by itself under its own name, however little is left elsewhere', async () => {
  await using budget = await budgetOf({ call: { usd: 0.1 }, run: { usd: 0.01 } });
  await expect(budget.reserve(CALL)).rejects.toMatchObject({
    message: 'the call is larger than the budget of one call: it needs up to 0.12 USD, 0.10 USD are allowed',
    details: { scope: 'call', needed: 0.12 },
  });
});

it('bounds each task, attempt and provider apart', async () => {
  const limits = { usd: 0.12 };
  await using budget = await budgetOf({ task: limits, attempt: limits, providers: { hosted: limits } });
  await budget.reserve(CALL);
  const elsewhere = {
    ...CALL,
    provider: 'other',
    taskId: 'lexer' as TaskId,
    attemptId: 'lexer.1' as AttemptId,
  };
  await budget.reserve(elsewhere);
  await expect(budget.reserve({ ...elsewhere, provider: 'third' })).rejects.toMatchObject({
    details: { scope: 'task', scopeId: 'lexer' },
  });
});

it('never admits together what does not fit together', async () => {
  await using budget = await budgetOf({ run: { usd: 1.2 } });
  const answers = await Promise.allSettled(Array.from({ length: 100 }, () => budget.reserve(CALL)));
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  expect(budget.status().reserved.usd).toBe(1.2);
});

it('counts more than was reserved in full, and refuses what costs from then on', async () => {
  await using budget = await budgetOf({ run: { usd: 0.2 } });
  await (await budget.reserve(CALL)).settle(used(300_000, 0));
  expect(budget.status().spent.usd).toBe(0.3);
  await expect(budget.reserve({ ...CALL, promptTokens: 1, maxCompletionTokens: 0 })).rejects.toMatchObject({
    code: 'BUDGET_EXHAUSTED',
  });
  await budget.reserve({ ...CALL, provider: 'own', price: {} });
});

it('refuses a call without a price where a bound in dollars applies, and only there', async () => {
  const unpriced = { ...CALL, price: undefined };
  await using tokensOnly = await budgetOf({ run: { tokens: 100_000 } });
  await tokensOnly.reserve(unpriced);
  await using byTask = await budgetOf({ task: { usd: 1 }, providers: { other: { usd: 1 } } });
  await expect(byTask.reserve(unpriced)).rejects.toMatchObject({
    code: 'PRICE_UNKNOWN',
    details: { models: [{ provider: 'hosted', model: 'glm' }] },
  });
  const { taskId: _, ...planner } = unpriced;
  await byTask.reserve(planner);
});

it('checks prices before any call', () => {
  const models = [
    { provider: 'a', model: 'one', price: undefined },
    { provider: 'b', model: 'two', price: {} },
  ];
  const unknown = expect.objectContaining({
    code: 'PRICE_UNKNOWN',
    message: 'a budget in USD is set and the price of one at a is unknown: state one, {} if it is free',
  });
  expect(() => assertPriced({ attempt: { usd: 1 } }, models)).toThrow(unknown);
  expect(() => assertPriced({ providers: { a: { usd: 1 } } }, models)).toThrow(unknown);
  assertPriced({ run: { tokens: 1 }, providers: { b: { usd: 1 } } }, models);
});

it('goes on when its bounds are raised, and keeps the new ones for the next process', async () => {
  const store = memoryBudgetStore();
  const budget = await createBudget({ policy: { run: { usd: 0.12 } }, store });
  await budget.reserve(CALL);
  await expect(budget.reserve(CALL)).rejects.toThrow();
  await budget.setPolicy({ run: { usd: 0.24 } });
  await budget.reserve(CALL);
  await budget[Symbol.asyncDispose]();
  await using next = await createBudget({ store: memoryBudgetStore(await store.read()) });
  expect(next.status()).toMatchObject({ policy: { run: { usd: 0.24 } }, spent: { usd: 0.24 } });
  await expect(next.reserve(CALL)).rejects.toMatchObject({ details: { needed: 0.36 } });
});

it('records the bounds it is opened with once', async () => {
  const store = memoryBudgetStore();
  await createBudget({ policy: { run: { usd: 1 } }, store });
  await createBudget({ policy: { run: { usd: 1 } }, store });
  await createBudget({ policy: { run: { usd: 2 } }, store });
  expect(await store.read()).toEqual([
    { type: 'policy_set', policy: { run: { usd: 1 } } },
    { type: 'policy_set', policy: { run: { usd: 2 } } },
  ]);
});

it.each([{ run: { usd: NaN } }, { run: { usd: -1 } }, { task: { tokens: 0.5 } }, { runs: { usd: 1 } }])(
  'takes no bounds that would not bound: %j',
  async (policy) => {
    await expect(createBudget({ policy })).rejects.toMatchObject({ code: 'SCHEMA_INVALID' });
  },
);

it('spends nothing any more once something could not be recorded', async () => {
  const kept: BudgetEntry[] = [];
  let isFull = false;
  const memory = memoryBudgetStore();
  const store = {
    ...memory,
    async append(entry: BudgetEntry) {
      if (isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      kept.push(entry);
    },
  };
  await using budget = await createBudget({ store });
  const open = await budget.reserve(CALL);
  isFull = true;
  const refused = { code: 'BUDGET_UNWRITABLE', cause: { code: 'ENOSPC' } };
  await expect(budget.reserve(CALL)).rejects.toMatchObject(refused);
  expect(budget.status().reserved).toEqual({ usd: 0.12, tokens: 60_000 });
  isFull = false;
  await expect(budget.reserve(CALL)).rejects.toMatchObject(refused);
  await expect(budget.setPolicy({})).rejects.toMatchObject(refused);
  await open.settle(used(1_000, 0));
  expect(kept).toHaveLength(2);
  expect(budget.status().spent.tokens).toBe(1_000);
});

it('reserves nothing once it is closed', async () => {
  const budget = await budgetOf({});
  await budget[Symbol.asyncDispose]();
  await budget[Symbol.asyncDispose]();
  await expect(budget.reserve(CALL)).rejects.toMatchObject({ code: 'BUDGET_UNWRITABLE' });
});

it.each<[string, readonly BudgetEntry[]]>([
  ['settles r1, which is not reserved', [{ type: 'settled', id: 'r1', nanoUsd: 1, tokens: 1 }]],
  [
    'reserves r1 twice',
    [1, 2].map((tokens) => ({ type: 'reserved', id: 'r1', provider: 'p', nanoUsd: 1, tokens })),
  ],
])('opens nothing that contradicts itself: %s', async (problem, entries) => {
  await expect(createBudget({ store: memoryBudgetStore(entries) })).rejects.toMatchObject({
    code: 'BUDGET_UNREADABLE',
    message: `entry ${entries.length} of the budget ${problem}`,
  });
});
