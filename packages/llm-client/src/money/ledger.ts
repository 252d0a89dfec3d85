import { LlmError } from '../errors.ts';
import type { BudgetPolicy } from '@agentswarm/core';
import type { BudgetEntry, ReservedEntry } from './budget-entry.ts';
import { scopesOf, type BudgetScope } from './budget-scope.ts';
import type { Amount } from './nano-usd.ts';

/** What one scope has spent, and what its open reservations hold. */
export interface Account {
  readonly spent: Amount;
  readonly reserved: Amount;
}

/** What a sequence of entries adds up to. Changed by the functions of this file only; has no effects. */
export interface Ledger {
  policy: BudgetPolicy;
  /** How many reservations there ever were. */
  reservations: number;
  /** Reservations that are not settled, by id. */
  readonly open: Map<string, ReservedEntry>;
  readonly accounts: Map<string, Account>;
}

const NOTHING: Amount = { nanoUsd: 0, tokens: 0 };
const EMPTY_ACCOUNT: Account = { spent: NOTHING, reserved: NOTHING };

/**
 * Adds up what an earlier process recorded. A reservation it never settled counts as spent in full: nobody knows
 * what the server did with the call.
 *
 * @throws {LlmError} BUDGET_UNREADABLE naming the first entry that contradicts those before it.
 */
export function foldEntries(entries: readonly BudgetEntry[]): Ledger {
  const ledger: Ledger = { policy: {}, reservations: 0, open: new Map(), accounts: new Map() };
  for (const [index, entry] of entries.entries()) {
    const problem = applyEntry(ledger, entry);
    if (problem === undefined) continue;
    throw new LlmError('BUDGET_UNREADABLE', `entry ${index + 1} of the budget ${problem}`, {
      details: { entry: index + 1 },
    });
  }
  for (const reserved of ledger.open.values()) close(ledger, reserved, reserved);
  return ledger;
}

/** Adds one entry. Gives what is wrong with an entry that contradicts those before it, and then changes nothing. */
export function applyEntry(ledger: Ledger, entry: BudgetEntry): string | undefined {
  switch (entry.type) {
    case 'policy_set':
      ledger.policy = entry.policy;
      return undefined;
    case 'reserved':
      if (ledger.open.has(entry.id)) return `reserves ${entry.id} twice`;
      ledger.reservations += 1;
      ledger.open.set(entry.id, entry);
      post(ledger, entry, { spent: NOTHING, reserved: entry });
      return undefined;
    case 'settled': {
      const reserved = ledger.open.get(entry.id);
      if (reserved === undefined) return `settles ${entry.id}, which is not reserved`;
      close(ledger, reserved, entry);
      return undefined;
    }
  }
}

/** Takes a reservation back as if it had never been made. */
export function undoReservation(ledger: Ledger, reserved: ReservedEntry): void {
  close(ledger, reserved, NOTHING);
}

export function accountOf(ledger: Ledger, scope: BudgetScope): Account {
  return ledger.accounts.get(keyOf(scope)) ?? EMPTY_ACCOUNT;
}

/** Names of the providers that anything was ever reserved at. */
export function providersOf(ledger: Ledger): readonly string[] {
  const prefix = keyOf({ kind: 'provider', id: '' });
  return [...ledger.accounts.keys()]
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
}

function close(ledger: Ledger, reserved: ReservedEntry, spent: Amount): void {
  ledger.open.delete(reserved.id);
  post(ledger, reserved, { spent, reserved: { nanoUsd: -reserved.nanoUsd, tokens: -reserved.tokens } });
}

function post(ledger: Ledger, entry: ReservedEntry, change: Account): void {
  for (const scope of scopesOf(entry)) {
    const { spent, reserved } = accountOf(ledger, scope);
    ledger.accounts.set(keyOf(scope), {
      spent: add(spent, change.spent),
      reserved: add(reserved, change.reserved),
    });
  }
}

function add(a: Amount, b: Amount): Amount {
  return { nanoUsd: a.nanoUsd + b.nanoUsd, tokens: a.tokens + b.tokens };
}

function keyOf(scope: BudgetScope): string {
  return 'id' in scope ? `${scope.kind} ${scope.id}` : scope.kind;
}
