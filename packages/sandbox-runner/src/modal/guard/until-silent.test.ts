import { expect, it } from 'vitest';
import { untilSilent } from './until-silent.ts';

/** How long a host counts as alive that answers its first pings only. */
async function lifeOf(answered: number, silenceMs: number): Promise<number> {
  let [nowMs, pings] = [0, 0];
  const session = {
    ping: (onAnswer: (error: Error | null) => void): boolean => {
      pings += 1;
      onAnswer(pings <= answered ? null : new Error('no answer'));
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
