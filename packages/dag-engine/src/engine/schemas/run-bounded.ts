import { createContext, Script } from 'node:vm';

/** How synchronous work ended; what it throws passes through. */
export type Bounded<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'timeout' };

/** Empty but for the work at hand: only the script below ever runs in it. */
const box: { work: (() => unknown) | null } = { work: null };
const context = createContext(box);
const script = new Script('work()');

/**
 * Runs synchronous work for at most so long: the only way to interrupt what blocks the thread without another thread,
 * and it reaches into regular expressions that backtrack without end.
 */
export function runBounded<T>(work: () => T, timeoutMs: number): Bounded<T> {
  const before = box.work;
  box.work = work;
  try {
    return { kind: 'done', value: script.runInContext(context, { timeout: timeoutMs }) as T };
  } catch (error) {
    if (isTimeout(error)) return { kind: 'timeout' };
    throw error;
  } finally {
    box.work = before;
  }
}

function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
