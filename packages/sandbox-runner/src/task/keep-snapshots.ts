import { toSwarmError, type Clock, type CommitSha, type Logger, type Sandbox } from '@agentswarm/core';
import { sleepUnless } from '../process/sleep-unless.ts';
import { createSnapshotShelf } from './snapshot-shelf.ts';

const DEFAULT_INTERVAL_MS = 15_000;
/** What a shorter attempt did is kept as its end alone. */
const FIRST_AFTER_MS = 5_000;
/** Taking snapshots may take this part of the time. */
const MAX_SHARE = 0.1;

/** Where the host keeps what a worker has done so far, out of the sandbox's reach. */
export interface SnapshotOptions {
  /** Prefix in the store: they become `<refs>/1`, `<refs>/2`, … */
  readonly refs: string;
  /** At most one in so long. Default 15 000. */
  readonly intervalMs?: number;
}

/** Takes over the intake of a running attempt again and again. Nothing in it ever disturbs the attempt. */
export interface SnapshotKeeper extends AsyncDisposable {
  /** Something new has reached the intake. Returns at once. */
  noteCommit(): void;
  /** Waits for the one that is being taken, and takes no more. Never rejects. */
  stop(): Promise<void>;
}

export interface KeepSnapshotsOptions extends SnapshotOptions {
  readonly sandbox: Pick<Sandbox, 'collect'>;
  /** Store that takes them. */
  readonly repository: string;
  /** Commit the attempt began with. */
  readonly base: CommitSha;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Makes the keeper of one attempt; numbers go on where an earlier keeper of the same refs ended. */
export function keepSnapshots(options: KeepSnapshotsOptions): SnapshotKeeper {
  const { clock, intervalMs = DEFAULT_INTERVAL_MS } = options;
  const shelf = createSnapshotShelf(options);
  const stopping = new AbortController();
  const attempt = warnOnce(options.logger);
  let wanted = false;
  let dueAtMs = clock.nowMs() + Math.min(FIRST_AFTER_MS, intervalMs);
  let running: Promise<void> | undefined;

  const isStopping = () => stopping.signal.aborted;
  const drain = async () => {
    while (wanted && !isStopping()) {
      const earlyMs = dueAtMs - clock.nowMs();
      if (earlyMs > 0) await sleepUnless(stopping.signal, clock, earlyMs);
      if (isStopping()) break;
      wanted = false;
      const startedAtMs = clock.nowMs();
      await attempt(() => shelf.collect());
      const tookMs = clock.nowMs() - startedAtMs;
      dueAtMs = clock.nowMs() + Math.max(intervalMs, tookMs / MAX_SHARE);
    }
    running = undefined;
  };
  const stop = async () => {
    stopping.abort();
    await running;
  };
  return {
    noteCommit() {
      wanted = true;
      running ??= drain();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Carries something out whose failure is no more than a warning, the first time. */
function warnOnce(logger: Logger): (act: () => Promise<void>) => Promise<void> {
  let failures = 0;
  return async (act) => {
    try {
      await act();
    } catch (error) {
      const level = failures++ === 0 ? 'warn' : 'debug';
      logger[level]({ error: toSwarmError(error).message }, 'a snapshot of the work could not be taken');
    }
  };
}
