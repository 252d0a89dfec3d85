import type { RunEvent, RunEventOf, RunState } from '@agentswarm/core';
import type { Budget, SpendScope } from '@agentswarm/llm-client';
import { readRefusal } from './read-refusal.ts';

export interface RefusalLog {
  readonly state: () => RunState;
  readonly append: (event: RunEvent) => void;
}

/** A budget whose refusals are in the journal before anybody else hears of them. */
export function createReportingBudget(budget: Budget, log: RefusalLog): Budget {
  const report = (error: unknown, scope: SpendScope) => {
    const event = exhaustedEvent(error, scope);
    if (event !== undefined && isNews(event, log.state())) log.append(event);
  };
  const reporting = async <T>(scope: SpendScope, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      report(error, scope);
      throw error;
    }
  };
  return {
    reserve: (request) => reporting(request, () => budget.reserve(request)),
    meter: ({ onExhausted, ...request }) =>
      reporting(request, () =>
        budget.meter({
          ...request,
          onExhausted(error) {
            report(error, request);
            onExhausted(error);
          },
        }),
      ),
    setPolicy: (policy) => budget.setPolicy(policy),
    status: () => budget.status(),
    [Symbol.asyncDispose]: () => budget[Symbol.asyncDispose](),
  };
}

function exhaustedEvent(
  error: unknown,
  { taskId, attemptId }: SpendScope,
): RunEventOf<'budget_exhausted'> | undefined {
  const refusal = readRefusal(error);
  if (refusal === undefined || !(error instanceof Error)) return undefined;
  const { wanted: _wanted, ...sums } = refusal;
  return {
    type: 'budget_exhausted',
    ...sums,
    ...(taskId === undefined ? {} : { taskId }),
    ...(attemptId === undefined ? {} : { attemptId }),
    message: error.message,
  };
}

/** Agents ask again and again; that something is used up is told once. */
function isNews({ scope, scopeId, attemptId }: RunEventOf<'budget_exhausted'>, { spend }: RunState): boolean {
  switch (scope) {
    case 'run':
      return spend.exhausted?.scope !== 'run';
    case 'provider':
      return !spend.exhaustedProviders.has(scopeId ?? '');
    case 'task':
    case 'attempt':
      return attemptId === undefined || !spend.exhaustedAttempts.has(attemptId);
    case 'call':
      return true;
  }
}
