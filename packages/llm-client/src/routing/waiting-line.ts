import type { Clock } from '@agentswarm/core';
import { LlmError } from '../errors.ts';
import type { Wait } from './select-route.ts';

/** What a look at the endpoints gave. */
type Attempt<T> = { readonly kind: 'done'; readonly value: T } | Wait;

interface Patience {
  readonly maxWaitMs?: number;
  readonly signal?: AbortSignal;
}

/** Calls that wait for a free endpoint, first come first served. */
export interface WaitingLine {
  /**
   * Calls `attempt` now and whenever something may have changed, until it is done.
   *
   * Contract: `attempt` is synchronous, does not throw, takes what it found free at once, and leaves the endpoints
   * alone that calls before it wait for: many small calls could keep a large one waiting for ever.
   * @throws {LlmError} RATE_LIMITED when it cannot be done within `maxWaitMs`; the signal's reason.
   */
  wait<T>(attempt: (claimed: ReadonlySet<string>) => Attempt<T>, patience: Patience): Promise<T>;
  /** Lets those who wait look again, in order: something became free. */
  advance(): void;
}

interface Waiter {
  /** Gives when to look again without being asked, and adds what it waits for; undefined when it left the line. */
  look(claimed: Set<string>): number | undefined;
}

export function createWaitingLine(clock: Clock): WaitingLine {
  const waiting = new Set<Waiter>();
  const alarm = createAlarm(clock, () => advance());

  function advance(): void {
    let nextMs = Infinity;
    const claimed = new Set<string>();
    for (const waiter of waiting) {
      const lookAgainMs = waiter.look(claimed);
      if (lookAgainMs === undefined) waiting.delete(waiter);
      else nextMs = Math.min(nextMs, lookAgainMs);
    }
    alarm.set(nextMs);
  }

  return {
    async wait<T>(
      attempt: (claimed: ReadonlySet<string>) => Attempt<T>,
      { maxWaitMs = Infinity, signal }: Patience,
    ): Promise<T> {
      signal?.throwIfAborted();
      const deadlineMs = clock.nowMs() + maxWaitMs;
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const waiter: Waiter = {
        look(claimed) {
          const seen = attempt(claimed);
          if (seen.kind === 'done') {
            resolve(seen.value);
            return undefined;
          }
          const { untilMs = Infinity } = seen;
          const isTooLate = untilMs > deadlineMs && !seen.needsSlot;
          if (clock.nowMs() < deadlineMs && !isTooLate) {
            seen.endpoints.forEach((endpoint) => claimed.add(endpoint));
            return Math.min(untilMs, deadlineMs);
          }
          reject(noneFree(untilMs === Infinity ? undefined : untilMs - clock.nowMs()));
          return undefined;
        },
      };
      const leave = () => {
        waiting.delete(waiter);
        reject(signal?.reason as Error);
        advance();
      };
      waiting.add(waiter);
      signal?.addEventListener('abort', leave, { once: true });
      advance();
      try {
        return await promise;
      } finally {
        signal?.removeEventListener('abort', leave);
      }
    },
    advance,
  };
}

/** Timers of more than 24 days ring at once. */
const MAX_SLEEP_MS = 2 ** 31 - 1;

/** One timer for the earliest of many times. */
function createAlarm(clock: Clock, ring: () => void): { set(atMs: number): void } {
  let current: { readonly atMs: number; readonly abort: AbortController } | undefined;
  const sleep = async (atMs: number, signal: AbortSignal) => {
    try {
      await clock.sleep(Math.min(MAX_SLEEP_MS, Math.max(0, atMs - clock.nowMs())), signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    current = undefined;
    ring();
  };
  return {
    set(atMs) {
      if (current?.atMs === atMs) return;
      current?.abort.abort();
      current = undefined;
      if (atMs === Infinity) return;
      current = { atMs, abort: new AbortController() };
      void sleep(atMs, current.abort.signal);
    },
  };
}

function noneFree(retryAfterMs: number | undefined): LlmError {
  return new LlmError('RATE_LIMITED', 'no endpoint is free within the time the call may wait', {
    details: retryAfterMs === undefined ? {} : { retryAfterMs },
  });
}
