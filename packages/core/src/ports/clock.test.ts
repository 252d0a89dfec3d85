import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

it('sleeps, then resolves', async () => {
  const before = systemClock.nowMs();
  await systemClock.sleep(5);
  expect(systemClock.nowMs()).toBeGreaterThanOrEqual(before);
});

it('rejects with the reason of an abort, before or while sleeping, and leaves no timer', async () => {
  const reason = new RangeError('enough');
  const before = timers();
  await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  const abort = new AbortController();
  const sleeping = systemClock.sleep(60_000, abort.signal);
  expect(timers()).toBe(before + 1);
  abort.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  expect(timers()).toBe(before);
});

it('rejects with the reason whatever it is', async () => {
  await expect(systemClock.sleep(1, AbortSignal.abort('text'))).rejects.toBe('text');
});

it('sleeps longer than one timer can', async () => {
  const abort = new AbortController();
  const sleeping = systemClock.sleep(2 ** 33, abort.signal);
  // A timer that is set for too long fires after a millisecond.
  await systemClock.sleep(20);
  abort.abort(new RangeError('still asleep'));
  await expect(sleeping).rejects.toThrow('still asleep');
});
