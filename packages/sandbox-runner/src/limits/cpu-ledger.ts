import type { ProcessSample } from './process-sample.ts';

/** The processor time that processes of a sandbox have used, those that ended too. */
export interface CpuLedger {
  readonly totalMs: number;
  /** What of it the processes of the last look tell themselves. */
  readonly toldMs: number;
  readonly last: readonly ProcessSample[];
}

export const EMPTY_LEDGER: CpuLedger = { totalMs: 0, toldMs: 0, last: [] };

/**
 * Takes over the next look at the processes of a sandbox. A process that ended is in the time of the parent
 * that waited for it; where none did (SIGCHLD ignored, its parent gone), what it was last seen with is kept.
 * The total never falls.
 */
export function advanceLedger(ledger: CpuLedger, samples: readonly ProcessSample[]): CpuLedger {
  const now = new Map(samples.map((sample) => [nameOf(sample), sample]));
  let goneMs = 0;
  let inheritedMs = 0;
  for (const before of ledger.last) {
    const after = now.get(nameOf(before));
    if (after === undefined) goneMs += before.cpuMs + before.reapedCpuMs;
    else inheritedMs += after.reapedCpuMs - before.reapedCpuMs;
  }
  const toldMs = samples.reduce((sum, { cpuMs, reapedCpuMs }) => sum + cpuMs + reapedCpuMs, 0);
  const unclaimedMs = Math.max(0, goneMs - Math.max(0, inheritedMs));
  const grownMs = Math.max(0, toldMs - ledger.toldMs + unclaimedMs);
  return { totalMs: ledger.totalMs + grownMs, toldMs, last: samples };
}

function nameOf({ pid, start }: ProcessSample): string {
  return `${pid}/${start}`;
}
