import fc from 'fast-check';
import { expect, it } from 'vitest';
import { availableAtMs, fullBucket, take } from './token-bucket.ts';

it('gives a minute’s worth at once and the rest evenly', () => {
  const empty = take(fullBucket(600, 0), 600, 0);
  expect(availableAtMs(empty, 10, 0)).toBe(1_000);
  expect(availableAtMs(empty, 10, 1_000)).toBe(1_000);
  // More than a minute's worth waits for a full bucket, not for ever.
  expect(availableAtMs(empty, 6_000, 0)).toBe(60_000);
});

it('never lets more through in any minute than two buckets full', () => {
  const callsOf = fc.array(fc.record({ tokens: fc.integer({ min: 1, max: 500 }), gapMs: fc.nat(5_000) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(callsOf, (calls) => {
      let bucket = fullBucket(1_000, 0);
      let nowMs = 0;
      const taken: { atMs: number; tokens: number }[] = [];
      for (const { tokens, gapMs } of calls) {
        nowMs = Math.max(nowMs + gapMs, availableAtMs(bucket, tokens, nowMs + gapMs));
        bucket = take(bucket, tokens, nowMs);
        taken.push({ atMs: nowMs, tokens });
      }
      for (const { atMs } of taken) {
        const inMinute = taken.filter((call) => call.atMs >= atMs && call.atMs < atMs + 60_000);
        // A full bucket at its beginning and what flows in meanwhile.
        expect(inMinute.reduce((sum, call) => sum + call.tokens, 0)).toBeLessThanOrEqual(2_000);
      }
    }),
  );
});
