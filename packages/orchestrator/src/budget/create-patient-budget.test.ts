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
