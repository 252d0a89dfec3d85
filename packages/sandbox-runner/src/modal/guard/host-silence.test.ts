import { expect, it } from 'vitest';
import { createTestTime } from '../../../test/test-time.ts';
import { untilHostIsSilent } from './host-silence.ts';

const MINUTE_MS = 60_000;

it('waits as long as the host answers, and five minutes more', async () => {
  const time = createTestTime();
  let isThere = true;
  let isOver = false;
  const session = {
    ping: (answer: (error: Error | null, durationMs: number, payload: Buffer) => void) => {
      if (isThere) answer(null, 1, Buffer.alloc(8));
      return true;
    },
  };
  const waiting = untilHostIsSilent(session as Parameters<typeof untilHostIsSilent>[0], time).then(() => {
    isOver = true;
  });
  await time.pass(60 * MINUTE_MS);
  expect(isOver).toBe(false);
  isThere = false;
  await time.pass(4 * MINUTE_MS);
  expect(isOver).toBe(false);
  await time.pass(MINUTE_MS);
  await waiting;
});
