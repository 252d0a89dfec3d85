import type { BudgetPolicy } from '../config/budget-policy.ts';
import type { RunEventOf } from '../events/run-event.ts';
import type { AttemptId, TaskId } from '../ids.ts';

/** What was used of the two things that have bounds. */
export interface Spend {
  /** Billionths of a dollar, a whole number. */
  readonly nanoUsd: number;
  /** Prompt and completion tokens together. */
  readonly tokens: number;
}

/** What a run has spent by its budget's own book, which knows of server hours, too. */
export interface SpendState {
  readonly policy: BudgetPolicy;
  /** Settled, and held by reservations. */
  readonly total: Spend;
  readonly byProvider: Readonly<Record<string, Spend>>;
  /** Reservations not settled yet, by id. Those of a dead process never are: they stay spent in full. */
  readonly open: ReadonlyMap<string, Spend & { readonly provider: string }>;
  /** Why the run must not spend more, until its bounds change: its own are reached, or those of every provider. */
  readonly exhausted?: RunEventOf<'budget_exhausted'>;
  /** Providers whose own bounds are reached; others may still be asked. */
  readonly exhaustedProviders: ReadonlySet<string>;
  /** Why a task must not spend more, until bounds change. */
  readonly exhaustedTasks: ReadonlyMap<TaskId, string>;
  /** Why an attempt must not spend more. */
  readonly exhaustedAttempts: ReadonlyMap<AttemptId, string>;
}

export const INITIAL_SPEND_STATE: SpendState = {
  policy: {},
  total: { nanoUsd: 0, tokens: 0 },
  byProvider: {},
  open: new Map(),
  exhaustedProviders: new Set(),
  exhaustedTasks: new Map(),
  exhaustedAttempts: new Map(),
};
