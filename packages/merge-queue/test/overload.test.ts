import { expect, it } from 'vitest';
import { generateLoad } from './model/generate-load.ts';
import { playLoad } from './model/play-load.ts';

const seeds = process.env.TEST_DEEP === undefined ? 20 : 300;
const ROOMS = [
  { slots: 2, maxBatch: 4 },
  { slots: 4, maxBatch: 4 },
  { slots: 8, maxBatch: 4 },
  { slots: 8, maxBatch: 16 },
];

// A branch that was sent back too often must not keep the line free for itself while it waits itself
// for one of those that are thereby kept out: the queue would end with QUEUE_STALLED.
it('gives every branch its outcome when they come faster than they can land', async () => {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const load = generateLoad({ seed, count: 120, perHour: 2000 });
    for (const room of ROOMS) {
      const { outcomes } = await playLoad({ load, gateMs: 30_000, ...room });
      expect(outcomes.size, `seed ${seed}, ${room.slots} slots`).toBe(load.length);
    }
  }
});
