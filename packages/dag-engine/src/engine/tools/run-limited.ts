/** How work ended; whatever it does after `timeout` or `aborted` is ignored. */
export type Limited<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'threw'; readonly thrown: unknown }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'aborted' };

export interface Limits {
  readonly signal: AbortSignal;
  /** `null` means no limit of its own. */
  readonly timeoutMs: number | null;
}

/** Timers cannot be longer; what they would do instead is fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs work until it ends, its time is over or `signal` aborts, whichever is first; the signal given to `work` aborts
 * with the last two. Work that blocks the thread cannot be interrupted. Never rejects.
 */
export async function runLimited<T>(
  work: (signal: AbortSignal) => T | Promise<T>,
  { signal, timeoutMs }: Limits,
): Promise<Limited<T>> {
  if (signal.aborted) return { kind: 'aborted' };
  const own = new AbortController();
  const limit = Promise.withResolvers<Limited<T>>();
  const stop = (kind: 'timeout' | 'aborted') => {
    limit.resolve({ kind });
    own.abort();
  };
  const onAbort = () => stop('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  const timer =
    timeoutMs === null ? undefined : setTimeout(() => stop('timeout'), Math.min(timeoutMs, MAX_TIMER_MS));
  try {
    return await Promise.race([attempt(work, own.signal), limit.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

async function attempt<T>(
  work: (signal: AbortSignal) => T | Promise<T>,
  signal: AbortSignal,
): Promise<Limited<T>> {
  try {
    return { kind: 'done', value: await work(signal) };
  } catch (thrown) {
    return { kind: 'threw', thrown };
  }
}
