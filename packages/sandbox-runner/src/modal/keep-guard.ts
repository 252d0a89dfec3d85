import type { Logger } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';
import { untilAborted } from '../process/until-aborted.ts';
import type { MachineTime } from '../process/machine-time.ts';
import type { Guard } from './guard/start-guard.ts';

const START_TIMEOUT_MS = 60_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** A guard that lived this long ended for a new reason. */
const STEADY_MS = 60_000;

export interface KeepGuardOptions {
  readonly id: string;
  readonly start: () => Guard;
  /** Ends waiting for the first one. */
  readonly signal?: AbortSignal;
  readonly time: MachineTime;
  readonly logger: Logger;
}

/**
 * Starts a guard, and another one whenever it ends. Resolves once the first is ready; disposing it ends the
 * guard for good.
 *
 * @throws {SandboxError} SANDBOX_SETUP_FAILED when none gets ready
 */
export async function keepGuard(options: KeepGuardOptions): Promise<AsyncDisposable> {
  const { id, start, time, logger } = options;
  const closing = new AbortController();
  let guard = start();
  try {
    await untilAborted(withinTime(guard.ready, options), options.signal);
  } catch (error) {
    await guard[Symbol.asyncDispose]();
    throw error;
  }
  const keep = async () => {
    for (let failures = 0; ;) {
      const startedAtMs = time.steadyMs();
      await guard.ended;
      failures = time.steadyMs() - startedAtMs >= STEADY_MS ? 0 : failures + 1;
      if (closing.signal.aborted) return;
      await time.sleep(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS), closing.signal);
      closing.signal.throwIfAborted();
      logger.warn({ sandbox: id }, 'the guard of a sandbox has ended, another one is started');
      guard = start();
    }
  };
  const keeping = keep().catch((error: unknown) => {
    if (!closing.signal.aborted) logger.error({ sandbox: id, error }, 'the guard of a sandbox is not kept');
  });
  return {
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await guard[Symbol.asyncDispose]();
      await keeping;
    },
  };
}

/** Ends waiting for what has no time limit of its own. */
async function withinTime(ready: Promise<void>, { id, time }: KeepGuardOptions): Promise<void> {
  const waited = new AbortController();
  const over = async () => {
    await time.sleep(START_TIMEOUT_MS, waited.signal);
    throw new SandboxError('SANDBOX_SETUP_FAILED', `the guard of sandbox ${id} does not get ready`);
  };
  try {
    // Who loses the race is heard no more.
    await Promise.race([ready, over()]);
  } finally {
    waited.abort();
  }
}
