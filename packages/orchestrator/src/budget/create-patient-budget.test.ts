import { createBudget, type Budget, type ReserveRequest } from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import { createPatientBudget } from './create-patient-budget.ts';

const call = (tokens: number): ReserveRequest => ({
  provider: 'own',
  model: 'm',
  price: undefined,
  promptTokens: tokens,
  maxCompletionTokens: 0,
});
const used = (tokens: number) => ({ promptTokens: tokens, completionTokens: 0, estimated: false });
const budgetOf = async (tokens: number): Promise<Budget> =>
  createPatientBudget(await createBudget({ policy: { run: { tokens } } }));

describe('a patient budget', () => {
  it('lets a call wait while calls under way hold what it needs', async () => {
    const budget = await budgetOf(100);
    const first = await budget.reserve(call(90));
    const order: string[] = [];
    const second = budget.reserve(call(50)).then(() => order.push('reserved'));
    order.push('settling');
    await first.settle(used(10));
    await second;
    expect(order).toEqual(['settling', 'reserved']);
    expect(budget.status()).toMatchObject({ spent: { tokens: 10 }, reserved: { tokens: 50 } });
  });

  it('counts calls that are about to be under way, too', async () => {
    const budget = await budgetOf(100);
    const settled = [90, 90, 90].map(async (tokens) => (await budget.reserve(call(tokens))).settle(used(5)));
    await Promise.all(settled);
    expect(budget.status()).toMatchObject({ spent: { tokens: 15 }, reserved: { tokens: 0 } });
  });

  it('refuses all that ask at once for what time holds', async () => {
    const inner = await createBudget({ policy: { run: { usd: 1 } } });
    await using budget = createPatientBudget(inner);
    await budget.meter({ provider: 'own', usdPerSecond: 0.9, sliceMs: 1000, onExhausted: () => undefined });
    const dear = { ...call(1), price: { inputUsdPerMillion: 500_000 } };
    const asked = await Promise.allSettled([1, 2, 3].map(() => budget.reserve(dear)));
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('refuses at once what would not fit if every call under way came to nothing', async () => {
    const budget = await budgetOf(100);
    const first = await budget.reserve(call(60));
    await first.settle(used(60));
    await budget.reserve(call(20));
    await expect(budget.reserve(call(50))).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED' });
  });

  it('refuses a call that waited in vain', async () => {
    const budget = await budgetOf(100);
    const first = await budget.reserve(call(90));
    const second = budget.reserve(call(50));
    await Promise.all([
      expect(second).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED', details: { spent: 90, reserved: 0 } }),
      first.settle(used(90)),
    ]);
  });

  it('ends a wait when it is closed', async () => {
    const budget = await budgetOf(100);
    await budget.reserve(call(90));
    const waiting = budget.reserve(call(50));
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ code: 'BUDGET_UNWRITABLE' }),
      budget[Symbol.asyncDispose](),
    ]);
  });
});
