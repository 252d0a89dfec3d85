import { describe, expect, it } from 'vitest';
import type { LoadBranch } from './model/generate-load.ts';
import { playLoad } from './model/play-load.ts';

const GATE_MS = 10_000;
/** A run takes up to a fifth longer than the gate's usual time. */
const LONGEST_RUN_MS = GATE_MS * 1.2;

function branch(ticket: string, more: Partial<LoadBranch> = {}): LoadBranch {
  const files = { [`src/${ticket}`]: ticket };
  return { ticket, kind: 'good', files, owner: 'o', priority: 5, after: [], arrivesAtMs: 0, ...more };
}

function series(count: number, of: (index: number) => LoadBranch): readonly LoadBranch[] {
  return Array.from({ length: count }, (_, index) => of(index));
}

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
});
