import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advanceLedger, EMPTY_LEDGER } from './cpu-ledger.ts';
import type { ProcessSample } from './process-sample.ts';

/** A process of a simulated machine. */
interface Simulated {
  readonly pid: number;
  readonly parent: Simulated | undefined;
  readonly waits: boolean;
  ownMs: number;
  reapedMs: number;
}

const sampleOf = ({ pid, ownMs, reapedMs }: Simulated): ProcessSample => ({
  pid,
  start: String(pid),
  hasEnded: false,
  parent: 1,
  session: 1,
  threads: 1,
  residentBytes: 0,
  cpuMs: ownMs,
  reapedCpuMs: reapedMs,
});

type Step =
  | { readonly kind: 'run' | 'end'; readonly who: number; readonly ms: number }
  | { readonly kind: 'fork'; readonly who: number; readonly waits: boolean }
  | { readonly kind: 'look' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('run' as const, 'end' as const), who: fc.nat(), ms: fc.nat(1000) }),
    fc.record({ kind: fc.constant('fork' as const), who: fc.nat(), waits: fc.boolean() }),
    fc.constant({ kind: 'look' as const }),
  ),
  { maxLength: 80 },
);

/** Runs a history; gives the totals after each look, and the time that was really used. */
function simulate(history: readonly Step[], waitsAlways: boolean) {
  const root: Simulated = { pid: 1, parent: undefined, waits: true, ownMs: 0, reapedMs: 0 };
  const live = [root];
  let nextPid = 2;
  let usedMs = 0;
  let ledger = EMPTY_LEDGER;
  const totals: number[] = [];
  const look = () => {
    ledger = advanceLedger(ledger, live.map(sampleOf));
    totals.push(ledger.totalMs);
  };
  for (const step of history) {
    if (step.kind === 'look') {
      look();
      continue;
    }
    const who = live[step.who % live.length] ?? root;
    if (step.kind === 'run') {
      who.ownMs += step.ms;
      usedMs += step.ms;
    } else if (step.kind === 'fork') {
      live.push({ pid: nextPid++, parent: who, waits: waitsAlways || step.waits, ownMs: 0, reapedMs: 0 });
    } else if (who !== root && !live.some(({ parent }) => parent === who)) {
      live.splice(live.indexOf(who), 1);
      if (who.parent?.waits) who.parent.reapedMs += who.ownMs + who.reapedMs;
    }
  }
  look();
  return { totals, usedMs };
}

describe('advanceLedger', () => {
  it('never falls, and never tells more than was used', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { totals, usedMs } = simulate(history, false);
        expect(totals).toEqual(totals.toSorted((a, b) => a - b));
        expect(totals.at(-1)).toBeLessThanOrEqual(usedMs);
      }),
    );
  });

  it('is exact where every parent waits for its children', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { totals, usedMs } = simulate(history, true);
        expect(totals.at(-1)).toBe(usedMs);
      }),
    );
  });

  it('keeps what a process was seen with that nobody waited for', () => {
    const process = { pid: 5, parent: undefined, waits: true, ownMs: 700, reapedMs: 0 };
    const seen = advanceLedger(EMPTY_LEDGER, [sampleOf(process)]);
    expect(advanceLedger(seen, []).totalMs).toBe(700);
    expect(advanceLedger(advanceLedger(seen, []), [sampleOf({ ...process, pid: 6 })]).totalMs).toBe(1_400);
  });
});
