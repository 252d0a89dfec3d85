import { BudgetPolicySchema, InputError, type BudgetPolicy, type Clock } from '@agentswarm/core';
import { z } from 'zod';
import type { TokenUsage } from '../endpoint/token-usage.ts';
import { LlmError } from '../errors.ts';
import { needsPrice, priceUnknown } from './assert-priced.ts';
import type { BudgetEntry, ReservedEntry } from './budget-entry.ts';
import type { BudgetStore } from './budget-store.ts';
import type {
  Budget,
  BudgetStatus,
  MeterRequest,
  Reservation,
  ReserveRequest,
  Spend,
  SpendScope,
} from './budget.ts';
import { amountOf, maxAmountOf } from './call-cost.ts';
import { exhaustedError } from './exhausted-error.ts';
import { findRefusal, type Wanted } from './find-refusal.ts';
import { accountOf, applyEntry, providersOf, undoReservation, type Ledger } from './ledger.ts';
import { startMeter } from './meter.ts';
import { usdOf, type Amount } from './nano-usd.ts';

/**
 * Decides on the ledger in memory, without waiting in between, and then waits until the store has the entry. That
 * is safe because the store keeps the order: what it has after a crash is a state this ledger was in.
 */
export class StoredBudget implements Budget {
  readonly #ledger: Ledger;
  readonly #store: BudgetStore;
  readonly #clock: Clock;
  readonly #meters = new Set<AsyncDisposable>();
  /** Set once the store has failed or the budget is closed: what cannot be recorded is not spent. */
  #refusesAll: LlmError | undefined;

  constructor(ledger: Ledger, store: BudgetStore, clock: Clock) {
    this.#ledger = ledger;
    this.#store = store;
    this.#clock = clock;
  }

  async reserve(request: ReserveRequest): Promise<Reservation> {
    const { model, price } = request;
    if (price === undefined && needsPrice(this.#ledger.policy, request)) throw priceUnknown([request]);
    const id = await this.#hold({ ...scopeOf(request), model, ...maxAmountOf(request) });
    let settled: Promise<Spend> | undefined;
    const settleNow = async (usage: TokenUsage) => this.#settle(id, amountOf(price, usage));
    return { id, settle: (usage) => (settled ??= settleNow(usage)) };
  }

  async meter(request: MeterRequest): Promise<AsyncDisposable> {
    const scope = scopeOf(request);
    const meter = await startMeter(request, {
      clock: this.#clock,
      hold: (amount) => this.#hold({ ...scope, ...amount }),
      settle: (id, amount) => this.#settle(id, amount),
    });
    // Closed meanwhile: nobody would end it.
    if (this.#refusesAll !== undefined) {
      await meter[Symbol.asyncDispose]();
      throw this.#refusesAll;
    }
    this.#meters.add(meter);
    return {
      [Symbol.asyncDispose]: async () => {
        this.#meters.delete(meter);
        await meter[Symbol.asyncDispose]();
      },
    };
  }

  async setPolicy(policy: BudgetPolicy): Promise<void> {
    const parsed = BudgetPolicySchema.safeParse(policy);
    if (!parsed.success) {
      throw new InputError('SCHEMA_INVALID', `the budget is not valid: ${z.prettifyError(parsed.error)}`, {
        cause: parsed.error,
      });
    }
    if (this.#refusesAll !== undefined) throw this.#refusesAll;
    const before = this.#ledger.policy;
    const entry: BudgetEntry = { type: 'policy_set', policy: parsed.data };
    applyEntry(this.#ledger, entry);
    await this.#record(entry, () => applyEntry(this.#ledger, { type: 'policy_set', policy: before }));
  }

  status(): BudgetStatus {
    const { spent, reserved } = accountOf(this.#ledger, { kind: 'run' });
    const byProvider = providersOf(this.#ledger).map(
      (id) => [id, spendOf(accountOf(this.#ledger, { kind: 'provider', id }).spent)] as const,
    );
    return {
      spent: spendOf(spent),
      reserved: spendOf(reserved),
      byProvider: Object.fromEntries(byProvider),
      policy: this.#ledger.policy,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const meters = [...this.#meters];
    this.#meters.clear();
    const stopped = await Promise.allSettled(meters.map((meter) => meter[Symbol.asyncDispose]()));
    this.#refusesAll ??= new LlmError('BUDGET_UNWRITABLE', 'the budget is closed');
    await this.#store.close();
    const failed = stopped.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #hold(wanted: Wanted): Promise<string> {
    if (this.#refusesAll !== undefined) throw this.#refusesAll;
    const refusal = findRefusal(this.#ledger, wanted);
    if (refusal !== undefined) throw exhaustedError(refusal);
    const entry: ReservedEntry = { type: 'reserved', id: `r${this.#ledger.reservations + 1}`, ...wanted };
    applyEntry(this.#ledger, entry);
    await this.#record(entry, () => undoReservation(this.#ledger, entry));
    return entry.id;
  }

  async #settle(id: string, amount: Amount): Promise<Spend> {
    const entry: BudgetEntry = { type: 'settled', id, ...amount };
    applyEntry(this.#ledger, entry);
    // Nothing to undo when this fails: it was spent, whether or not it could be recorded.
    await this.#record(entry, () => undefined);
    return spendOf(amount);
  }

  async #record(entry: BudgetEntry, undo: () => void): Promise<void> {
    try {
      await this.#store.append(entry);
    } catch (cause) {
      undo();
      this.#refusesAll ??= new LlmError(
        'BUDGET_UNWRITABLE',
        'what is spent cannot be recorded any more, so nothing more is spent',
        { cause },
      );
      throw this.#refusesAll;
    }
  }
}

function scopeOf({ provider, taskId, attemptId }: SpendScope): SpendScope {
  return { provider, ...(taskId !== undefined && { taskId }), ...(attemptId !== undefined && { attemptId }) };
}

function spendOf({ nanoUsd, tokens }: Amount): Spend {
  return { usd: usdOf(nanoUsd), tokens };
}
