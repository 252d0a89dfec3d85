import { expect, it } from 'vitest';
import type { Submission } from '@agentswarm/merge-queue';
import { MemorySink } from './landing-fixture.ts';
import { runHalving, runSerially } from './model/baselines.ts';
import { checkLandings, checkTarget, outcomesOf } from './model/check-invariants.ts';
import { generateLoad, isInnocent, submissionOf } from './model/generate-load.ts';
import { MemoryStore } from './model/memory-store.ts';
import { openModelQueue } from './model/model-queue.ts';
import { ScriptedGate } from './model/scripted-gate.ts';
import { VirtualClock } from './model/virtual-clock.ts';

const SEED = 20_261;
const SLOTS = 8;
const MAX_BATCH = 16;
const FLAKE_RATE = 0.2;

it.each([30, 120])(
  'lands a thousand branches arriving at a thousand an hour, with a gate of %i s',
  async (gateSeconds) => {
    const gateMs = gateSeconds * 1000;
    const load = generateLoad({ seed: SEED, count: 1000, perHour: 1000 });
    const store = new MemoryStore();
    const clock = new VirtualClock();
    const pathsOf = (commit: Submission['head']) => store.tree(commit).paths();
    const settings = { clock, pathsOf, seed: SEED, durationMs: gateMs, flakeRate: FLAKE_RATE };
    const gate = new ScriptedGate(settings);
    const journal = new MemorySink();
    const opened = await openModelQueue({ store, clock, gate, journal, slots: SLOTS, maxBatch: MAX_BATCH });
    await using queue = opened.queue;
    const submissions: Submission[] = [];
    for (const branch of load) {
      const waitMs = branch.arrivesAtMs - clock.nowMs();
      if (waitMs > 0) await clock.sleep(waitMs);
      const submission = submissionOf(branch, store.write([store.base], branch.files, branch.ticket));
      submissions.push(submission);
      queue.enqueue(submission);
    }
    expect(await queue.drain()).toEqual({ kind: 'empty' });
    const tookMs = clock.nowMs();
    const outcomes = outcomesOf(journal.events);
    expect(outcomes.size).toBe(load.length);
    checkTarget(store, gate.passed);
    checkLandings(store, journal.events, submissions);
    expect(gate.mostAtOnce).toBeLessThanOrEqual(SLOTS);
    const innocents = load.filter((branch) => isInnocent(branch, outcomes));
    const landed = [...outcomes.values()].filter((type) => type === 'branch_landed').length;
    const landedInnocents = innocents.filter(({ ticket }) => outcomes.get(ticket) === 'branch_landed');
    const baseline = { load, seed: SEED, gateMs, flakeRate: FLAKE_RATE };
    report(`gate ${gateSeconds} s, seed ${SEED}`, [
      [`queue, ${SLOTS} slots`, { landed, tookMs, gateRuns: gate.runs.length }],
      ['serial, 1 slot', runSerially(baseline)],
      ['halving, 1 slot', runHalving(baseline, MAX_BATCH)],
    ]);
    expect(landedInnocents.length / innocents.length).toBeGreaterThanOrEqual(0.95);
  },
  300_000,
);

type Row = readonly [
  name: string,
  result: { readonly landed: number; readonly tookMs: number; readonly gateRuns: number },
];

function report(title: string, rows: readonly Row[]): void {
  const lines = rows.map(([name, { landed, tookMs, gateRuns }]) => {
    const perHour = Math.round((landed * 3_600_000) / tookMs);
    return `  ${name}: ${perHour} landed per hour (${landed} in ${Math.round(tookMs / 60_000)} min, ${gateRuns} gate runs)`;
  });
  process.stdout.write(`${title}\n${lines.join('\n')}\n`);
}
