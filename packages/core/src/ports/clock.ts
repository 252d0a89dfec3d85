/** The passing of time, so that decisions can be tested without waiting. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Resolves after `delayMs`; rejects with the signal's reason when aborted. Contract: leaves no timer behind. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  async sleep(delayMs, signal) {
    signal?.throwIfAborted();
    // A timer takes no more than 24 days; a longer one would fire at once.
    if (delayMs > MAX_TIMER_MS) {
      await systemClock.sleep(MAX_TIMER_MS, signal);
      await systemClock.sleep(delayMs - MAX_TIMER_MS, signal);
      return;
    }
    await new Promise<undefined>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve(undefined);
      };
      const timer = setTimeout(wake, delayMs);
      signal?.addEventListener('abort', wake, { once: true });
    });
    signal?.throwIfAborted();
  },
};
