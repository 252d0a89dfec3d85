import type { BudgetEntry } from './budget-entry.ts';

/** Where a budget keeps its entries. One budget writes it at a time. */
export interface BudgetStore {
  /** Every entry in the order of {@link BudgetStore.append}, including those of earlier processes. */
  read(): Promise<readonly BudgetEntry[]>;
  /**
   * Resolves when the entry survives a crash. Contract: entries become durable in the order of the calls, so that
   * what a crash leaves is always a beginning of the sequence; once an entry has failed, every later one fails.
   */
  append(entry: BudgetEntry): Promise<void>;
  /** Waits for what is under way; after it, appending fails. Safe to call twice. */
  close(): Promise<void>;
}
