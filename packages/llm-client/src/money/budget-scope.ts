import type { BudgetLimits, BudgetPolicy } from '@agentswarm/core';
import type { SpendScope } from './budget.ts';

/** One of the things that have bounds of their own. */
export type BudgetScope =
  | { readonly kind: 'call' }
  | { readonly kind: 'run' }
  | { readonly kind: 'provider'; readonly id: string }
  | { readonly kind: 'task'; readonly id: string }
  | { readonly kind: 'attempt'; readonly id: string };

/** Every scope that a sum counts in, the widest first. */
export function scopesOf({ provider, taskId, attemptId }: SpendScope): readonly BudgetScope[] {
  const scopes: BudgetScope[] = [{ kind: 'run' }, { kind: 'provider', id: provider }];
  if (taskId !== undefined) scopes.push({ kind: 'task', id: taskId });
  if (attemptId !== undefined) scopes.push({ kind: 'attempt', id: attemptId });
  return scopes;
}

export function limitsOf(policy: BudgetPolicy, scope: BudgetScope): BudgetLimits {
  if (scope.kind !== 'provider') return policy[scope.kind] ?? {};
  const { providers = {} } = policy;
  return Object.hasOwn(providers, scope.id) ? (providers[scope.id] ?? {}) : {};
}
