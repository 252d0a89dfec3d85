import { expect, it } from 'vitest';
import { untilSilent } from './until-silent.ts';

type Answer = (error: Error | null, durationMs: number, payload: Buffer) => void;

/** How long a host counts as alive that answers its first pings only. */
async function lifeOf(answered: number, silenceMs: number): Promise<number> {
  let [nowMs, pings] = [0, 0];
  const session = {
    ping: (first: Buffer | Answer): boolean => {
      pings += 1;
      if (typeof first !== 'function') return false;
      first(pings <= answered ? null : new Error('no answer'), 1, Buffer.alloc(8));
      return true;
    },
  };
  await untilSilent(session, {
    silenceMs,
    nowMs: () => nowMs,
    sleep: (durationMs) => Promise.resolve((nowMs += durationMs)),
  });
  return nowMs;
}

it.each([
  [0, 1000],
  [1, 1000],
  [2, 1250],
  [100, 25_750],
])('a host that answers %d pings counts as gone after %d ms', async (answered, afterMs) => {
  expect(await lifeOf(answered, 1000)).toBe(afterMs);
});
