/** A bound on a wait, and the signal that ends the work then or when the caller aborts. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** The bound was reached before the caller aborted. */
  readonly expired: boolean;
  /** Begins the wait anew. */
  extend(): void;
  /** Nothing is waited for until the next {@link Deadline.extend}. */
  pause(): void;
}

export function createDeadline(timeoutMs: number, outer: AbortSignal | undefined): Deadline {
  const inner = new AbortController();
  let expired = false;
  let isPaused = false;
  const timer = setTimeout(() => {
    // A pause leaves the timer alone, which is cheaper than a new one for every token; `extend` sets it again.
    if (isPaused) return;
    expired = !inner.signal.aborted;
    inner.abort();
  }, timeoutMs);
  const abort = () => inner.abort();
  if (outer?.aborted === true) abort();
  outer?.addEventListener('abort', abort, { once: true });
  return {
    signal: inner.signal,
    get expired() {
      return expired;
    },
    extend() {
      isPaused = false;
      timer.refresh();
    },
    pause() {
      isPaused = true;
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', abort);
    },
  };
}
