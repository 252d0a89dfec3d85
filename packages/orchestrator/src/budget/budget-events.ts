import type { RunEvent, RunEventOf } from '@agentswarm/core';
import type { BudgetEntry } from '@agentswarm/llm-client';

type EntryEvent = RunEventOf<'budget_policy_set' | 'budget_reserved' | 'budget_settled'>;

/** The event that holds an entry of the budget's book. */
export function eventOfEntry(entry: BudgetEntry): EntryEvent {
  switch (entry.type) {
    case 'policy_set':
      return { ...entry, type: 'budget_policy_set' };
    case 'reserved':
      return { ...entry, type: 'budget_reserved' };
    case 'settled':
      return { ...entry, type: 'budget_settled' };
  }
}

/** The entry that an event holds; undefined for events about other things. */
export function entryOfEvent(event: RunEvent): BudgetEntry | undefined {
  switch (event.type) {
    case 'budget_policy_set':
      return { ...event, type: 'policy_set' };
    case 'budget_reserved':
      return { ...event, type: 'reserved' };
    case 'budget_settled':
      return { ...event, type: 'settled' };
    default:
      return undefined;
  }
}
