import type { AttemptId, BudgetPolicy, Price, TaskId } from '@agentswarm/core';
import type { TokenUsage } from '../endpoint/token-usage.ts';

export interface Spend {
  readonly usd: number;
  readonly tokens: number;
}

/** For whom and where money is spent. */
export interface SpendScope {
  /** Name of the endpoint, or of who rents the sandbox. */
  readonly provider: string;
  readonly taskId?: TaskId;
  readonly attemptId?: AttemptId;
}

export interface ReserveRequest extends SpendScope {
  readonly model: string;
  /** Undefined when nobody stated one. */
  readonly price: Price | undefined;
  /** Upper bounds of what the call can use. */
  readonly promptTokens: number;
  readonly maxCompletionTokens: number;
}

/**
 * Money set aside for one call. Settle it exactly once, with no usage when the call never reached a server. One that
 * is never settled stays reserved, and counts as spent in full after a restart: nobody knows what the server did.
 */
export interface Reservation {
  readonly id: string;
  /**
   * Replaces the reserved sum by what was used, in full also where that is more. Counts at once and resolves when it
   * is durable. A second call changes nothing.
   */
  settle(usage: TokenUsage): Promise<Spend>;
}

/** Time that costs money while it passes: a server, a sandbox. */
export interface MeterRequest extends SpendScope {
  readonly usdPerSecond: number;
  /** Time is reserved in slices of so many milliseconds before it passes. At least 1, default 60 000. */
  readonly sliceMs?: number;
  /**
   * Called once, when the next slice does not fit any more or cannot be recorded. Time goes on to be charged, with
   * the last slice, until the meter is disposed. Contract: does not throw.
   */
  readonly onExhausted: (error: unknown) => void;
}

/** Where a budget stands. */
export interface BudgetStatus {
  /** Settled, and left open by earlier processes. */
  readonly spent: Spend;
  /** Held by open reservations of this process. */
  readonly reserved: Spend;
  /** Spent at each provider. */
  readonly byProvider: Readonly<Record<string, Spend>>;
  readonly policy: BudgetPolicy;
}

/** Keeps spending within its bounds: sums are reserved before they are spent and settled after. */
export interface Budget extends AsyncDisposable {
  /**
   * Sets aside what a call can cost at most; resolves when that is durable.
   *
   * @throws {LlmError} BUDGET_EXHAUSTED naming the scope, its limit and what the limit would have to be;
   * PRICE_UNKNOWN when a bound in USD applies and the price is unknown; BUDGET_UNWRITABLE when what is spent cannot
   * be recorded, from then on for every call.
   */
  reserve(request: ReserveRequest): Promise<Reservation>;
  /**
   * Starts to charge time; rejects like {@link Budget.reserve} when the first slice does not fit. Disposing it charges
   * the part of the last slice that passed. Bounds of a call do not apply.
   */
  meter(request: MeterRequest): Promise<AsyncDisposable>;
  /**
   * Replaces the bounds, e.g. by higher ones on resume. They apply at once; resolves when they are durable. Bounds
   * below what is spent are fine: they refuse whatever costs.
   */
  setPolicy(policy: BudgetPolicy): Promise<void>;
  status(): BudgetStatus;
}
