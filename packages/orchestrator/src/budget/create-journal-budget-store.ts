import { toSwarmError, type Journal, type SwarmError } from '@agentswarm/core';
import { LlmError, type BudgetStore } from '@agentswarm/llm-client';
import { entryOfEvent, eventOfEntry } from './budget-events.ts';

/** Keeps a budget's book in the journal of its run. The journal stays the caller's to close. */
export function createJournalBudgetStore(journal: Pick<Journal, 'append' | 'read'>): BudgetStore {
  let isClosed = false;
  let failure: SwarmError | undefined;
  return {
    read: async () => [...journal.read()].flatMap(({ event }) => entryOfEvent(event) ?? []),
    async append(entry) {
      if (isClosed) throw new LlmError('BUDGET_UNWRITABLE', 'the budget is closed');
      // What comes after an entry that is missing must be missing, too.
      if (failure !== undefined) throw failure;
      try {
        journal.append(eventOfEntry(entry));
      } catch (error) {
        failure = toSwarmError(error);
        throw failure;
      }
    },
    async close() {
      isClosed = true;
    },
  };
}
