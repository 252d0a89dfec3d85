import type { MachineTime } from '../src/index.ts';

/** Time that passes when told to, with a clock that can be set to anything meanwhile. */
export interface TestTime extends MachineTime {
  /** Lets time pass, waking sleepers in their order. */
  pass(ms: number): Promise<void>;
  /** Sets the clock by so much, as an administrator would. */
  setClock(byMs: number): void;
}

export function createTestTime(epoch = 'test'): TestTime {
  let steadyMs = 0;
  let clockMs = 1_700_000_000_000;
  const sleepers = new Set<{ readonly atMs: number; readonly wake: () => void }>();
  // All that is waited for between two moments are promises that are ready.
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    epoch,
    steadyMs: () => steadyMs,
    nowMs: () => clockMs + steadyMs,
    sleep: async (delayMs, signal) => {
      signal?.throwIfAborted();
      const { promise, resolve } = Promise.withResolvers<void>();
      const sleeper = { atMs: steadyMs + delayMs, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      sleepers.delete(sleeper);
      signal?.throwIfAborted();
    },
    setClock: (byMs) => {
      clockMs += byMs;
    },
    pass: async (ms) => {
      await settle();
      const endMs = steadyMs + ms;
      for (;;) {
        const [first] = [...sleepers].filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs);
        if (first === undefined) break;
        steadyMs = Math.max(steadyMs, first.atMs);
        sleepers.delete(first);
        first.wake();
        await settle();
      }
      steadyMs = endMs;
    },
  };
}
