import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idlePassMs, isWalkDue, nextPassMs } from './watch-pace.ts';

const cost = fc.double({ min: 0, max: 60_000, noNaN: true });

describe('nextPassMs', () => {
  it('looks often, costs little, and is never blind for long', () => {
    fc.assert(
      fc.property(cost, (costMs) => {
        const waitMs = nextPassMs(costMs, false);
        expect(waitMs).toBeGreaterThanOrEqual(25);
        expect(waitMs).toBeLessThanOrEqual(1_000);
        if (waitMs < 1_000) expect(costMs / (costMs + waitMs)).toBeLessThanOrEqual(0.04);
        expect(nextPassMs(costMs, true)).toBeLessThan(25);
      }),
    );
  });
});

describe('isWalkDue', () => {
  const facts = { nowMs: 100_000, lastEndedMs: 100_000, lastCostMs: 0, grownBytes: 0, roomBytes: 1_000 };

  it('measures a quiet disk seldom and a filling one soon', () => {
    expect(isWalkDue({ ...facts, lastEndedMs: 98_000 })).toBe(false);
    expect(isWalkDue({ ...facts, lastEndedMs: 97_000 })).toBe(true);
    expect(isWalkDue({ ...facts, lastEndedMs: 99_700, grownBytes: 100 })).toBe(false);
    expect(isWalkDue({ ...facts, lastEndedMs: 99_700, grownBytes: 200 })).toBe(true);
  });

  it('spends at most a few percent on a quiet disk, and a fifth on a filling one', () => {
    fc.assert(
      fc.property(cost, cost, fc.boolean(), (lastCostMs, restedMs, isFilling) => {
        const due = isWalkDue({
          ...facts,
          nowMs: restedMs,
          lastEndedMs: 0,
          lastCostMs,
          grownBytes: isFilling ? 1_000 : 0,
        });
        if (due) expect(lastCostMs / restedMs).toBeLessThanOrEqual(isFilling ? 0.2 : 0.02);
      }),
    );
  });
});

describe('idlePassMs', () => {
  it('looks seldom while there is nobody, and the more seldom the dearer it is', () => {
    expect(idlePassMs(0)).toBeGreaterThan(nextPassMs(0, false));
    expect(idlePassMs(5)).toBe(500);
    expect(idlePassMs(1e6)).toBe(1_000);
  });
});
