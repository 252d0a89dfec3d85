import {
  applyRecord,
  AttemptIdSchema,
  INITIAL_RUN_STATE,
  TaskIdSchema,
  type RunEvent,
} from '@agentswarm/core';
import { createBudget, type BudgetPolicy } from '@agentswarm/llm-client';
import { expect, it } from 'vitest';
import { findAttemptStop } from '../attempt/find-attempt-stop.ts';
import { createReportingBudget } from './create-reporting-budget.ts';

const taskId = TaskIdSchema.parse('a');
const attemptId = AttemptIdSchema.parse('a.1');
const call = { provider: 'own', model: 'm', price: undefined, promptTokens: 60, maxCompletionTokens: 50 };

async function refusedUnder(policy: BudgetPolicy, times = 1) {
  let state = INITIAL_RUN_STATE;
  const events: RunEvent[] = [];
  const append = (event: RunEvent) => {
    state = applyRecord(state, { seq: events.push(event), atMs: 0, event });
  };
  const budget = createReportingBudget(await createBudget({ policy }), { state: () => state, append });
  for (let count = 0; count < times; count++)
    await expect(budget.reserve({ ...call, taskId, attemptId })).rejects.toMatchObject({
      code: 'BUDGET_EXHAUSTED',
    });
  return { events, state };
}

it('tells once what is used up, and what would do', async () => {
  const { events, state } = await refusedUnder({ run: { tokens: 100 } }, 3);
  expect(events).toMatchObject([
    { type: 'budget_exhausted', scope: 'run', unit: 'tokens', limit: 100, needed: 110, taskId, attemptId },
  ]);
  expect(findAttemptStop(state, AttemptIdSchema.parse('b.1'))).toMatchObject({ kind: 'abandon' });
});

it('ends the attempt alone whose own bound, or whose task’s, is reached', async () => {
  for (const scope of ['attempt', 'task'] as const) {
    const { state } = await refusedUnder({ [scope]: { tokens: 100 } }, 2);
    expect(findAttemptStop(state, attemptId)).toMatchObject({ kind: 'out_of_budget' });
    expect(findAttemptStop(state, AttemptIdSchema.parse('b.1'))).toBeUndefined();
  }
});

it('ends nothing for a call that is too large', async () => {
  const { events, state } = await refusedUnder({ call: { tokens: 100 } });
  expect(events).toMatchObject([{ scope: 'call' }]);
  expect(findAttemptStop(state, attemptId)).toBeUndefined();
});
