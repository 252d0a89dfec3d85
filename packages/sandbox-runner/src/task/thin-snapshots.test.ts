import fc from 'fast-check';
import { expect, it } from 'vitest';
import { selectSuperfluous, type SnapshotBounds } from './thin-snapshots.ts';

const bounds = fc
  .record({ newest: fc.integer({ min: 1, max: 12 }), spare: fc.integer({ min: 2, max: 20 }) })
  .map(({ newest, spare }): SnapshotBounds => ({ newest, total: newest + spare }));

/** Takes `count` snapshots, thinning after each, and gives those that are left each time. */
function history(count: number, limits: SnapshotBounds): number[][] {
  let kept: number[] = [];
  return Array.from({ length: count }, (_, index) => {
    const all = [...kept, index + 1];
    const gone = new Set(selectSuperfluous(all, limits));
    kept = all.filter((number) => !gone.has(number));
    return kept;
  });
}

it('gives up nothing while there is room', () => {
  expect(selectSuperfluous([3, 1, 2], { newest: 1, total: 3 })).toEqual([]);
  expect(selectSuperfluous([])).toEqual([]);
});

it('keeps the first, the newest, and every second, fourth, … of the rest', () => {
  const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
  expect(selectSuperfluous(numbers, { newest: 2, total: 8 })).toEqual([3, 5, 7, 9]);
  expect(selectSuperfluous(numbers, { newest: 2, total: 7 })).toEqual([2, 3, 5, 6, 7, 9, 10]);
});

it('keeps the bound, the first and the newest at every moment, and never leaves a wide gap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), bounds, (count, limits) => {
      history(count, limits).forEach((kept, index) => {
        const now = index + 1;
        expect(kept.length).toBeLessThanOrEqual(limits.total);
        expect(kept[0]).toBe(1);
        const newest = Array.from({ length: Math.min(now, limits.newest) }, (_, back) => now - back);
        expect(kept).toEqual(expect.arrayContaining(newest));
        const widest = Math.max(1, ...kept.slice(1).map((number, at) => number - (kept[at] ?? 0)));
        expect(widest).toBeLessThanOrEqual((4 * now) / (limits.total - limits.newest - 1) + 2);
      });
    }),
  );
});
