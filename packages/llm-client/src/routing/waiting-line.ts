import type { Clock } from '@agentswarm/core';
import { LlmError } from '../errors.ts';

/** What a look at the endpoints gave. */
type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** Nothing is free; `untilMs` when time alone will change that. */
  | { readonly kind: 'wait'; readonly untilMs?: number };

interface Patience {
  readonly maxWaitMs?: number;
  readonly signal?: AbortSignal;
}

/** Calls that wait for a free endpoint, first come first served. */
export interface WaitingLine {
  /**
   * Calls `attempt` now and whenever something may have changed, until it is done.
   *
   * Contract: `attempt` is synchronous, does not throw, and takes what it found free at once.
   * @throws {LlmError} RATE_LIMITED when it cannot be done within `maxWaitMs`; the signal's reason.
   */
  wait<T>(attempt: () => Attempt<T>, patience: Patience): Promise<T>;
  /** Lets those who wait look again, in order: something became free. */
  advance(): void;
}

interface Waiter {
  /** Gives when to look again without being asked; undefined when it left the line. */
  look(): number | undefined;
}

export function createWaitingLine(clock: Clock): WaitingLine {
  const waiting = new Set<Waiter>();
  const alarm = createAlarm(clock, () => advance());

  function advance(): void {
    let nextMs = Infinity;
    for (const waiter of waiting) {
      const lookAgainMs = waiter.look();
      if (lookAgainMs === undefined) waiting.delete(waiter);
      else nextMs = Math.min(nextMs, lookAgainMs);
    }
    alarm.set(nextMs);
  }

  return {
    async wait<T>(attempt: () => Attempt<T>, { maxWaitMs = Infinity, signal }: Patience): Promise<T> {
      signal?.throwIfAborted();
      const deadlineMs = clock.nowMs() + maxWaitMs;
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const waiter: Waiter = {
        look() {
          const seen = attempt();
          if (seen.kind === 'done') {
            resolve(seen.value);
            return undefined;
          }
          const { untilMs = Infinity } = seen;
          const isHopeless = clock.nowMs() >= deadlineMs || (untilMs > deadlineMs && untilMs < Infinity);
          if (!isHopeless) return Math.min(untilMs, deadlineMs);
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

/** One timer for the earliest of many times. */
function createAlarm(clock: Clock, ring: () => void): { set(atMs: number): void } {
  let current: { readonly atMs: number; readonly abort: AbortController } | undefined;
  const sleep = async (atMs: number, signal: AbortSignal) => {
    try {
      await clock.sleep(Math.max(0, atMs - clock.nowMs()), signal);
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
