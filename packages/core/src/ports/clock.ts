/** The passing of time, so that decisions can be tested without waiting. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Resolves after `delayMs`; rejects with the signal's reason when aborted. Contract: leaves no timer behind. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  async sleep(delayMs, signal) {
    signal?.throwIfAborted();
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
