import type { AttemptId, TaskId } from '@agentswarm/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { BudgetEntry } from './budget-entry.ts';
import type { BudgetStore } from './budget-store.ts';
import { createBudget } from './create-budget.ts';

/** Which implementation the suite tests. */
export interface BudgetStoreSuiteOptions {
  /** Names the implementation in test titles. */
  readonly name: string;
  /** Contract: gives a new, empty store; the suite closes it. */
  readonly create: () => BudgetStore | Promise<BudgetStore>;
  /** Opens the place of the store that `create` gave last and the suite has closed; called several times. */
  readonly reopen: () => BudgetStore | Promise<BudgetStore>;
  /** Called after each test, e.g. to remove files. */
  readonly cleanup?: () => Promise<void>;
}

/** Declares, inside a vitest file, the tests that every `BudgetStore` must pass. */
export function runBudgetStoreSuite(options: BudgetStoreSuiteOptions): void {
  describe(`BudgetStore: ${options.name}`, () => {
    afterEach(() => options.cleanup?.());
    describe('entries', () => declareEntryTests(options));
    describe('life', () => declareLifeTests(options));
    describe('budget', () => declareBudgetTests(options));
  });
}

const reserved = (id: string, tokens = 10): BudgetEntry => ({
  type: 'reserved',
  id,
  provider: 'suite',
  model: 'model',
  nanoUsd: 1_500,
  tokens,
});

const EVERY_KIND: readonly BudgetEntry[] = [
  {
    type: 'policy_set',
    policy: {
      run: { usd: 0.1, tokens: 5 },
      task: { usd: 0 },
      attempt: {},
      call: { tokens: Number.MAX_SAFE_INTEGER },
      providers: { suite: { usd: 1e-9 }, 'a b\n"c"': {} },
    },
  },
  { ...reserved('r1'), taskId: 'parser' as TaskId, attemptId: 'parser.1' as AttemptId } as BudgetEntry,
  { type: 'reserved', id: 'r2', provider: 'ünï\u2028\n🚀', nanoUsd: Number.MAX_SAFE_INTEGER, tokens: 0 },
  { type: 'settled', id: 'r1', nanoUsd: 0, tokens: 0 },
];

function declareEntryTests({ create }: BudgetStoreSuiteOptions): void {
  it('is empty at first', async () => {
    const store = await create();
    expect(await store.read()).toEqual([]);
    await store.close();
  });

  it('gives every kind of entry back as it was', async () => {
    const store = await create();
    for (const entry of EVERY_KIND) await store.append(entry);
    expect(await store.read()).toEqual(EVERY_KIND);
    await store.close();
  });

  it('keeps the order of calls that do not wait for each other', async () => {
    const store = await create();
    const entries = Array.from({ length: 500 }, (_, index) => reserved(`r${index + 1}`));
    await Promise.all(entries.map((entry) => store.append(entry)));
    expect(await store.read()).toEqual(entries);
    await store.close();
  });
}

function declareLifeTests({ create, reopen }: BudgetStoreSuiteOptions): void {
  it('has after a restart what was appended before, and goes on behind it', async () => {
    const first = await create();
    for (const entry of EVERY_KIND) await first.append(entry);
    await first.close();
    const second = await reopen();
    expect(await second.read()).toEqual(EVERY_KIND);
    await second.append(reserved('r3'));
    await second.close();
    const third = await reopen();
    expect(await third.read()).toEqual([...EVERY_KIND, reserved('r3')]);
    await third.close();
  });

  it('finishes what is under way when it is closed', async () => {
    const store = await create();
    const appended = Promise.all(['r1', 'r2', 'r3'].map((id) => store.append(reserved(id))));
    await store.close();
    await appended;
    const next = await reopen();
    expect(await next.read()).toEqual(['r1', 'r2', 'r3'].map((id) => reserved(id)));
    await next.close();
  });

  it('takes nothing once it is closed, and can be closed twice', async () => {
    const store = await create();
    await store.close();
    await store.close();
    await expect(store.append(reserved('r1'))).rejects.toThrow();
    const next = await reopen();
    expect(await next.read()).toEqual([]);
    await next.close();
  });
}

function declareBudgetTests({ create, reopen }: BudgetStoreSuiteOptions): void {
  const call = { provider: 'suite', model: 'model', promptTokens: 60, maxCompletionTokens: 40 };

  it('holds a budget: settled calls count as used, unsettled ones in full after a restart', async () => {
    const price = { inputUsdPerMillion: 1, outputUsdPerMillion: 2 };
    const first = await createBudget({ policy: { run: { tokens: 250 } }, store: await create() });
    const settled = await first.reserve({ ...call, price });
    await settled.settle({ promptTokens: 30, completionTokens: 20, estimated: false });
    await first.reserve({ ...call, price });
    await first[Symbol.asyncDispose]();

    const second = await createBudget({ store: await reopen() });
    expect(second.status()).toEqual({
      spent: { usd: 0.000_21, tokens: 150 },
      reserved: { usd: 0, tokens: 0 },
      byProvider: { suite: { usd: 0.000_21, tokens: 150 } },
      policy: { run: { tokens: 250 } },
    });
    await second.reserve({ ...call, price });
    await expect(second.reserve({ ...call, price })).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED' });
    await second[Symbol.asyncDispose]();
  });
}
