import { LlmError } from '../errors.ts';
import type { BudgetEntry } from './budget-entry.ts';
import type { BudgetStore } from './budget-store.ts';

/** Keeps entries as long as the process lives: for tests, and for budgets that need not survive it. */
export function memoryBudgetStore(earlier: readonly BudgetEntry[] = []): BudgetStore {
  const entries = [...earlier];
  let isClosed = false;
  return {
    read: async () => [...entries],
    async append(entry) {
      if (isClosed) throw new LlmError('BUDGET_UNWRITABLE', 'the budget is closed');
      entries.push(entry);
    },
    async close() {
      isClosed = true;
    },
  };
}
