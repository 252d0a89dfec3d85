import { systemClock, type BudgetPolicy, type Clock } from '@agentswarm/core';
import { isDeepStrictEqual } from 'node:util';
import type { Budget } from './budget.ts';
import type { BudgetStore } from './budget-store.ts';
import { foldEntries } from './ledger.ts';
import { memoryBudgetStore } from './memory-budget-store.ts';
import { StoredBudget } from './stored-budget.ts';

/** What a budget allows and where it remembers. */
export interface BudgetOptions {
  /** Default: the one recorded last; without one, no bounds: what is spent is counted only. */
  readonly policy?: BudgetPolicy;
  /** The budget closes it, also when it cannot be opened. Default: memory. */
  readonly store?: BudgetStore;
  readonly clock?: Clock;
}

/**
 * Opens a budget where its store left off. Reservations that an earlier process did not settle count as spent in full.
 *
 * @throws {LlmError} BUDGET_UNREADABLE when the entries of the store contradict each other.
 * @throws {InputError} SCHEMA_INVALID for a policy with unknown names, negative or infinite bounds.
 */
export async function createBudget(options: BudgetOptions = {}): Promise<Budget> {
  const { policy, store = memoryBudgetStore(), clock = systemClock } = options;
  try {
    const budget = new StoredBudget(foldEntries(await store.read()), store, clock);
    if (policy !== undefined && !isDeepStrictEqual(policy, budget.status().policy))
      await budget.setPolicy(policy);
    return budget;
  } catch (error) {
    await store.close();
    throw error;
  }
}
