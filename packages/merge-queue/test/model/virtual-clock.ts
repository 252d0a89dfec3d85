import type { Clock } from '@agentswarm/core';

interface Sleeper {
  readonly atMs: number;
  readonly order: number;
  readonly wake: () => void;
}

/**
 * Time that passes only when nothing else can happen: all that the model does are microtasks, so when
 * the event loop comes round, everybody waits, and the first sleeper is woken.
 */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #order = 0;
  #isTurning = false;
  readonly #sleepers = new Set<Sleeper>();

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#order += 1;
    const sleeper = { atMs: this.#nowMs + delayMs, order: this.#order, wake: resolve };
    this.#sleepers.add(sleeper);
    signal?.addEventListener('abort', resolve.bind(undefined, undefined), { once: true });
    this.#turn();
    await promise;
    this.#sleepers.delete(sleeper);
    signal?.throwIfAborted();
  }

  #turn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      let first: Sleeper | undefined;
      for (const sleeper of this.#sleepers) {
        if (first === undefined || sleeper.atMs < first.atMs) first = sleeper;
      }
      if (first === undefined) return;
      this.#sleepers.delete(first);
      this.#nowMs = Math.max(this.#nowMs, first.atMs);
      first.wake();
      this.#turn();
    });
  }
}
