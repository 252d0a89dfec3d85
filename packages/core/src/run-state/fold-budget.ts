import type { BudgetEvent } from '../events/budget-events.ts';
import type { RunEventOf } from '../events/run-event.ts';
import type { RunState } from './run-state.ts';
import type { Spend, SpendState } from './spend-state.ts';

export function foldBudget(state: RunState, event: BudgetEvent): RunState {
  const endpoints = state.endpoints.map(({ name }) => name);
  return { ...state, spend: foldSpend(state.spend, event, endpoints) };
}

function foldSpend(spend: SpendState, event: BudgetEvent, endpoints: readonly string[]): SpendState {
  switch (event.type) {
    case 'budget_reserved': {
      const { id, provider, nanoUsd, tokens } = event;
      const open = new Map(spend.open).set(id, { provider, nanoUsd, tokens });
      return { ...charge(spend, provider, event), open };
    }
    case 'budget_settled':
      return settle(spend, event);
    case 'budget_policy_set': {
      const { exhausted: _exhausted, ...rest } = spend;
      return {
        ...rest,
        policy: event.policy,
        exhaustedProviders: new Set(),
        exhaustedTasks: new Map(),
      };
    }
    case 'budget_exhausted':
      return exhaust(spend, event, endpoints);
  }
}

function charge(spend: SpendState, provider: string, sum: Spend): SpendState {
  const known = Object.hasOwn(spend.byProvider, provider) ? spend.byProvider[provider] : undefined;
  const before = known ?? { nanoUsd: 0, tokens: 0 };
  return {
    ...spend,
    total: addSpend(spend.total, sum),
    byProvider: { ...spend.byProvider, [provider]: addSpend(before, sum) },
  };
}

/** A reservation is settled once; what is not open changes nothing. */
function settle(spend: SpendState, event: RunEventOf<'budget_settled'>): SpendState {
  const reserved = spend.open.get(event.id);
  if (reserved === undefined) return spend;
  const open = new Map(spend.open);
  open.delete(event.id);
  const difference = { nanoUsd: event.nanoUsd - reserved.nanoUsd, tokens: event.tokens - reserved.tokens };
  return { ...charge(spend, reserved.provider, difference), open };
}

/** Whoever answers again, or is new, may still have what the others lack. */
export function reviveSpend(spend: SpendState, endpoints: RunState['endpoints']): SpendState {
  const { exhausted, ...rest } = spend;
  const isRevived =
    exhausted?.scope === 'provider' && endpoints.some(({ name }) => !spend.exhaustedProviders.has(name));
  return isRevived ? rest : spend;
}

type Exhausted = RunEventOf<'budget_exhausted'>;

function exhaust(spend: SpendState, event: Exhausted, endpoints: readonly string[]): SpendState {
  const { scope, scopeId, taskId, attemptId, message } = event;
  if (scope === 'run') return { ...spend, exhausted: spend.exhausted ?? event };
  if (scope === 'provider') {
    const exhaustedProviders = new Set(spend.exhaustedProviders).add(scopeId ?? '');
    const exhausted =
      spend.exhausted ?? (endpoints.every((name) => exhaustedProviders.has(name)) ? event : undefined);
    return { ...spend, exhaustedProviders, ...(exhausted === undefined ? {} : { exhausted }) };
  }
  if (scope === 'call' || attemptId === undefined) return spend;
  const exhaustedAttempts = new Map(spend.exhaustedAttempts).set(attemptId, message);
  if (scope === 'attempt' || taskId === undefined) return { ...spend, exhaustedAttempts };
  return {
    ...spend,
    exhaustedAttempts,
    exhaustedTasks: new Map(spend.exhaustedTasks).set(taskId, message),
  };
}

function addSpend(a: Spend, b: Spend): Spend {
  return { nanoUsd: a.nanoUsd + b.nanoUsd, tokens: a.tokens + b.tokens };
}
