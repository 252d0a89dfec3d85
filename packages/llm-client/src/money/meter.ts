import type { Clock } from '@agentswarm/core';
import type { MeterRequest } from './budget.ts';
import { timeAmountOf } from './call-cost.ts';
import type { Amount } from './nano-usd.ts';

/** How a meter sets sums aside and what it counts time with. */
interface MeterAccount {
  readonly clock: Clock;
  /** Gives the id of the reservation. */
  readonly hold: (amount: Amount) => Promise<string>;
  readonly settle: (id: string, amount: Amount) => Promise<unknown>;
}

const DEFAULT_SLICE_MS = 60_000;

/** The stretch of time that is paid for last. */
interface Slice {
  readonly id: string;
  readonly startMs: number;
}

/**
 * Reserves a slice of time, and the next one whenever a slice has passed. Time that passes after a refusal, until the
 * server is really gone, counts in full with the last slice.
 */
export async function startMeter(request: MeterRequest, account: MeterAccount): Promise<AsyncDisposable> {
  const { usdPerSecond, sliceMs = DEFAULT_SLICE_MS, onExhausted } = request;
  const { clock } = account;
  const abort = new AbortController();
  const holdSlice = async (): Promise<Slice> => {
    const startMs = clock.nowMs();
    return { id: await account.hold(timeAmountOf(usdPerSecond, sliceMs)), startMs };
  };
  const settleUntil = (slice: Slice, endMs: number) =>
    account.settle(slice.id, timeAmountOf(usdPerSecond, endMs - slice.startMs));

  let slice = await holdSlice();
  const run = async () => {
    while (await passed(clock, sliceMs, abort.signal)) {
      const next = await holdSlice();
      const before = slice;
      slice = next;
      await settleUntil(before, next.startMs);
    }
  };
  const ended = run().catch(onExhausted);
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    abort.abort();
    await ended;
    await settleUntil(slice, clock.nowMs());
  };
  return { [Symbol.asyncDispose]: () => (stopped ??= stop()) };
}

/** Whether so much time has passed; false when it was aborted. */
async function passed(clock: Clock, delayMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(delayMs, signal);
    return !signal.aborted;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
