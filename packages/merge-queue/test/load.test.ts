import { expect, it } from 'vitest';
import { runHalving, runSerially, type BaselineResult } from './model/baselines.ts';
import { generateLoad, isInnocent, type LoadBranch } from './model/generate-load.ts';
import { playLoad } from './model/play-load.ts';

const SEED = 20_261;
const SLOTS = 8;
const MAX_BATCH = 16;
const FLAKE_RATE = 0.2;

interface LoadOptions {
  readonly load: readonly LoadBranch[];
  readonly slots: number;
  readonly gateMs: number;
}

/** Lets the load arrive, checks what became of it, and gives what a baseline gives. */
async function land({ load, slots, gateMs }: LoadOptions): Promise<BaselineResult> {
  const played = await playLoad({
    load,
    slots,
    maxBatch: MAX_BATCH,
    gateMs,
    flakeRate: FLAKE_RATE,
    seed: SEED,
  });
  const { gate, outcomes, tookMs } = played;
  expect(gate.mostAtOnce).toBeLessThanOrEqual(slots);
  const innocents = load.filter((branch) => isInnocent(branch, outcomes));
  const landed = [...outcomes.values()].filter((type) => type === 'branch_landed').length;
  const landedInnocents = innocents.filter(({ ticket }) => outcomes.get(ticket) === 'branch_landed');
  expect(landedInnocents.length / innocents.length).toBeGreaterThanOrEqual(0.95);
  return { landed, tookMs, gateRuns: gate.runs.length };
}

it.each([30, 120])(
  'lands a thousand branches arriving at a thousand an hour, with a gate of %i s',
  async (gateSeconds) => {
    const gateMs = gateSeconds * 1000;
    const load = generateLoad({ seed: SEED, count: 1000, perHour: 1000 });
    const baseline = { load, seed: SEED, gateMs, flakeRate: FLAKE_RATE };
    const [serial, halving] = [runSerially(baseline), runHalving(baseline, MAX_BATCH)];
    const single = await land({ load, slots: 1, gateMs });
    const queued = await land({ load, slots: SLOTS, gateMs });
    report(`gate ${gateSeconds} s, seed ${SEED}`, [
      [`queue, ${SLOTS} slots`, queued],
      ['queue, 1 slot', single],
      ['halving, 1 slot', halving],
      ['serial, 1 slot', serial],
    ]);
    // In virtual time the same seed gives the same figures.
    expect(perHour(queued)).toBeGreaterThan(perHour(halving));
    expect(perHour(halving)).toBeGreaterThan(perHour(serial));
  },
  300_000,
);

type Row = readonly [name: string, result: BaselineResult];

function perHour({ landed, tookMs }: BaselineResult): number {
  return (landed * 3_600_000) / tookMs;
}

function report(title: string, rows: readonly Row[]): void {
  const lines = rows.map(([name, result]) => {
    const { landed, tookMs, gateRuns } = result;
    const minutes = Math.round(tookMs / 60_000);
    return `  ${name}: ${Math.round(perHour(result))} landed per hour (${landed} in ${minutes} min, ${gateRuns} gate runs)`;
  });
  process.stdout.write(`${title}\n${lines.join('\n')}\n`);
}
