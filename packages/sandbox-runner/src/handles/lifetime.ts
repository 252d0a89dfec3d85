import type { MachineTime } from '../process/machine-time.ts';

/** Looked at again after so long, since others may have changed what it is decided by. */
const MAX_SLEEP_MS = 5_000;

export interface LifetimeOptions {
  readonly time: MachineTime;
  /** Milliseconds until the wall time is over; undefined while there is no limit. */
  readonly wallLeftMs: () => Promise<number | undefined>;
  readonly idleTimeoutMs?: number;
  /** Whether a command runs, also one of somebody else. */
  readonly isBusy: () => Promise<boolean>;
  /** Hears once that the time is over. */
  readonly onOver: (why: 'wall' | 'idle') => void;
  readonly onProblem: (error: unknown) => void;
}

/** Sees to it that a sandbox ends in time. Disposing it stops looking. */
export interface Lifetime extends Disposable {
  /** Something happened: idleness counts from now, and limits may have changed. */
  touch(): void;
}

export function watchLifetime(options: LifetimeOptions): Lifetime {
  const { time, idleTimeoutMs, onOver, onProblem } = options;
  const ended = new AbortController();
  let touched = new AbortController();
  let activeAtMs = time.steadyMs();

  const idleLeftMs = async (): Promise<number | undefined> => {
    if (idleTimeoutMs === undefined) return undefined;
    const leftMs = activeAtMs + idleTimeoutMs - time.steadyMs();
    if (leftMs > 0 || !(await options.isBusy())) return leftMs;
    activeAtMs = time.steadyMs();
    return idleTimeoutMs;
  };
  const watch = async () => {
    for (;;) {
      touched = new AbortController();
      const wallMs = await options.wallLeftMs();
      const idleMs = await idleLeftMs();
      if (ended.signal.aborted) return;
      if (wallMs !== undefined && wallMs <= 0) return onOver('wall');
      if (idleMs !== undefined && idleMs <= 0) return onOver('idle');
      const woken = AbortSignal.any([ended.signal, touched.signal]);
      await sleep(time, Math.min(wallMs ?? MAX_SLEEP_MS, idleMs ?? MAX_SLEEP_MS, MAX_SLEEP_MS), woken);
    }
  };
  watch().catch(onProblem);
  return {
    touch: () => {
      activeAtMs = time.steadyMs();
      touched.abort();
    },
    [Symbol.dispose]: () => ended.abort(),
  };
}

/** Sleeps; being woken early is no error here. */
async function sleep(time: MachineTime, delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await time.sleep(delayMs, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
