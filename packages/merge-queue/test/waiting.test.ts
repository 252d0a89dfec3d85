import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoadBranch } from './model/generate-load.ts';
import { playLoad } from './model/play-load.ts';

const runs = process.env.TEST_DEEP === undefined ? 150 : 5_000;
const GATE_MS = 10_000;
/** A run takes up to a fifth longer than the gate's usual time. */
const LONGEST_RUN_MS = GATE_MS * 1.2;

/** Red twice and the target once; and every halving of the batch it came in costs a red run and a green one. */
function runsPerSpoiler(maxBatch: number): number {
  return 3 + 2 * Math.ceil(Math.log2(maxBatch));
}

function branch(ticket: string, more: Partial<LoadBranch> = {}): LoadBranch {
  const files = { [`src/${ticket}`]: ticket };
  return { ticket, kind: 'good', files, owner: 'o', priority: 5, after: [], arrivesAtMs: 0, ...more };
}

function series(count: number, of: (index: number) => LoadBranch): readonly LoadBranch[] {
  return Array.from({ length: count }, (_, index) => of(index));
}

/** Those who break the gate, alone or two together, or write what another one writes. */
function spoiler(index: number, kind: 'breaker' | 'pair' | 'conflict'): LoadBranch {
  const marks = {
    breaker: { [`breaker-${index}`]: '' },
    pair: { [`pair-1-${index % 2 === 0 ? 'a' : 'b'}`]: '' },
    conflict: { 'hot-1': `${index}` },
  };
  const ticket = `spoiler-${index}`;
  return branch(ticket, { kind, files: { [`src/${ticket}`]: '', ...marks[kind] }, owner: 'busy' });
}

const room = fc.record({ slots: fc.integer({ min: 1, max: 6 }), maxBatch: fc.integer({ min: 1, max: 8 }) });
const spoilers = fc.array(fc.constantFrom('breaker', 'pair', 'conflict'), { maxLength: 5 });

/** I7. */
describe('a branch does not wait for ever', () => {
  it('behind another owner who handed in a hundred at once', async () => {
    const flood = series(100, (index) => branch(`flood-${index}`, { owner: 'busy' }));
    const load = [...flood, branch('mine', { owner: 'quiet' })];
    const { settledAtMs } = await playLoad({ load, slots: 1, maxBatch: 4, gateMs: GATE_MS });
    // What is being tested when it comes, then the batch it is in.
    expect(settledAtMs.get('mine')).toBeLessThanOrEqual(2 * LONGEST_RUN_MS);
  });

  it('behind more urgent ones that keep coming faster than they can land', async () => {
    const agingMs = 60_000;
    const urgent = series(60, (index) =>
      branch(`urgent-${index}`, { priority: 1, arrivesAtMs: 5000 * index }),
    );
    const load = [branch('bulk', { priority: 3 }), ...urgent].toSorted(
      (a, b) => a.arrivesAtMs - b.arrivesAtMs,
    );
    const room = { slots: 1, maxBatch: 1, gateMs: GATE_MS, agingMs };
    // Somebody is in line when both come, so that they are compared.
    const { settledAtMs } = await playLoad({ load: [branch('first'), ...load], ...room });
    const bulkMs = settledAtMs.get('bulk') ?? Number.NaN;
    const before = urgent.filter(({ ticket }) => (settledAtMs.get(ticket) ?? Number.NaN) < bulkMs);
    expect(before.length).toBeGreaterThan(0);
    // It is two priorities less urgent: those that come two times of ageing later come behind it.
    expect(Math.max(...before.map(({ arrivesAtMs }) => arrivesAtMs))).toBeLessThan(2 * agingMs);
  });

  it.each([1, 2, 8])('behind thirty that break the gate, with %i slots', async (slots) => {
    const breakers = series(30, (index) =>
      branch(`breaker-${index}`, { kind: 'breaker', files: { [`breaker-${index}`]: '' } }),
    );
    const load = [...breakers, branch('good')];
    const { settledAtMs, outcomes } = await playLoad({ load, slots, maxBatch: 8, gateMs: GATE_MS });
    expect(outcomes.get('good')).toBe('branch_landed');
    // One after another: each red twice and its target once, and no more than that again for taking batches apart.
    const runs = 2 * 3 * breakers.length;
    expect(Math.max(...settledAtMs.values())).toBeLessThanOrEqual(runs * LONGEST_RUN_MS);
  });

  it('whoever it belongs to, however many another owner has in line', async () => {
    const load = fc.record({ flood: fc.integer({ min: 1, max: 60 }), atMs: fc.nat(60_000), spoilers });
    await fc.assert(
      fc.asyncProperty(room, load, async ({ slots, maxBatch }, { flood, atMs, spoilers: kinds }) => {
        const others = series(flood, (index) => branch(`flood-${index}`, { owner: 'busy' }));
        const bad = kinds.map((kind, index) => spoiler(index, kind));
        const mine = branch('mine', { owner: 'quiet', arrivesAtMs: atMs });
        const load = [...bad, ...others, mine];
        const { settledAtMs, outcomes } = await playLoad({ load, slots, maxBatch, gateMs: GATE_MS });
        expect(outcomes.get('mine')).toBe('branch_landed');
        const waitedMs = (settledAtMs.get('mine') ?? Number.NaN) - atMs;
        // What is being tested when it comes, the batch it is in, and what the bad ones cost: not the flood.
        expect(waitedMs).toBeLessThanOrEqual((2 + runsPerSpoiler(maxBatch) * bad.length) * LONGEST_RUN_MS);
      }),
      { numRuns: runs, includeErrorInReport: true },
    );
  }, 900_000);

  it('whatever comes with it: everything has its outcome after so many runs for each branch', async () => {
    await fc.assert(
      fc.asyncProperty(
        room,
        fc.array(fc.constantFrom('good', 'breaker', 'pair', 'conflict'), { minLength: 1, maxLength: 20 }),
        async ({ slots, maxBatch }, kinds) => {
          const load = kinds.map((kind, index) =>
            kind === 'good' ? branch(`good-${index}`) : spoiler(index, kind),
          );
          const bad = kinds.filter((kind) => kind !== 'good').length;
          const { settledAtMs } = await playLoad({ load, slots, maxBatch, gateMs: GATE_MS });
          const longest = (kinds.length + runsPerSpoiler(maxBatch) * bad) * LONGEST_RUN_MS;
          expect(Math.max(...settledAtMs.values())).toBeLessThanOrEqual(longest);
        },
      ),
      { numRuns: runs, includeErrorInReport: true },
    );
  }, 900_000);
});
