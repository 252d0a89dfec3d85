interface WaitOptions {
  /** Asked every `pollMs`; ends the wait when true. */
  readonly changed: () => boolean;
  /** Undefined: do not ask, only wait to be notified. */
  readonly pollMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Wakes whoever waits for a change, at once for changes of this process, by polling for those of others. */
export class ChangeSignal {
  readonly #waiters = new Set<() => void>();

  notify(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  /** Resolves on a change or on abort; rejects when looking for changes fails. Leaves no timer behind. */
  wait(options: WaitOptions): Promise<void> {
    if (options.signal?.aborted) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const poll = () => {
      try {
        if (options.changed()) resolve(undefined);
      } catch (error) {
        reject(error);
      }
    };
    const timer = options.pollMs === undefined ? undefined : setInterval(poll, options.pollMs);
    const wake = () => resolve(undefined);
    this.#waiters.add(wake);
    options.signal?.addEventListener('abort', wake, { once: true });
    return promise.finally(() => {
      clearInterval(timer);
      this.#waiters.delete(wake);
      options.signal?.removeEventListener('abort', wake);
    });
  }
}
