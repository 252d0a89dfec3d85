import { setTimeout as sleep } from 'node:timers/promises';
import { signalProcess } from '../process/signal-process.ts';
import type { ProcessSample } from './process-sample.ts';

/** Looks without a pause between them, so that nobody who starts processes is faster. */
const QUICK_ROUNDS = 20;
const MAX_ROUNDS = 1_000;
const ROUND_PAUSE_MS = 5;

/** Kills what `look` finds until it finds nothing that runs; false when that does not come to an end. */
export async function killUntilNone(look: () => Promise<readonly ProcessSample[]>): Promise<boolean> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const left = (await look()).filter(({ hasEnded }) => !hasEnded);
    if (left.length === 0) return true;
    signalAll(left, 'SIGKILL');
    if (round >= QUICK_ROUNDS) await sleep(ROUND_PAUSE_MS);
  }
  return false;
}

/** Contract: they were seen just now, so that nobody else can have one of their ids. */
export function signalAll(samples: readonly ProcessSample[], signal: NodeJS.Signals): void {
  for (const { pid } of samples) signalProcess(pid, signal);
}
