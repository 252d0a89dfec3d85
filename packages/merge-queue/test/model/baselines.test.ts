import { describe, expect, it } from 'vitest';
import { runHalving, runSerially, type BaselineOptions } from './baselines.ts';
import type { LoadBranch } from './generate-load.ts';

function branch(ticket: string, files: LoadBranch['files'] = {}, more: Partial<LoadBranch> = {}): LoadBranch {
  return { ticket, kind: 'good', files, owner: 'o', priority: 5, after: [], arrivesAtMs: 0, ...more };
}

function withLoad(...load: readonly LoadBranch[]): BaselineOptions {
  return { load, seed: 1, gateMs: 1000, flakeRate: 0.2 };
}

const good = (count: number) => Array.from({ length: count }, (_, index) => branch(`good-${index}`));
const breaker = branch('breaker', { 'breaker-1': '' }, { kind: 'breaker' });

describe('serial', () => {
  it('gates each branch, and what is red once more', () => {
    expect(runSerially(withLoad(...good(3), breaker))).toMatchObject({ landed: 3, gateRuns: 5 });
  });

  it('loses the second of a pair, of a conflict, and who comes after somebody lost', () => {
    const load = withLoad(
      branch('first', { 'hot-1': 'first', 'pair-1-a': '' }),
      branch('clash', { 'hot-1': 'clash' }),
      branch('second', { 'pair-1-b': '' }),
      branch('orphan', {}, { after: ['second'] }),
      branch('later', {}, { after: ['first'] }),
    );
    expect(runSerially(load)).toMatchObject({ landed: 2, gateRuns: 4 });
  });

  it('waits for those that have not arrived', () => {
    const { tookMs } = runSerially(withLoad(branch('late', {}, { arrivesAtMs: 3_600_000 })));
    expect(tookMs).toBeGreaterThanOrEqual(3_600_800);
    expect(tookMs).toBeLessThanOrEqual(3_601_200);
  });
});

describe('halving', () => {
  it('lands a green batch with one run', () => {
    expect(runHalving(withLoad(...good(8)), 8)).toMatchObject({ landed: 8, gateRuns: 1 });
    expect(runHalving(withLoad(...good(8)), 4)).toMatchObject({ landed: 8, gateRuns: 2 });
  });

  it('finds the one that breaks a batch by halves', () => {
    // Eight, four, two, one and the same again are red; the other halves are green.
    expect(runHalving(withLoad(breaker, ...good(7)), 8)).toMatchObject({ landed: 7, gateRuns: 8 });
  });
});
