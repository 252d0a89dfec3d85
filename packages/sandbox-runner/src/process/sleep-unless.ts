import type { Clock } from '@agentswarm/core';

/** Sleeps; being woken early is no error here. */
export async function sleepUnless(
  signal: AbortSignal | undefined,
  clock: Clock,
  delayMs: number,
): Promise<void> {
  try {
    await clock.sleep(delayMs, signal);
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
