import { expect, it } from 'vitest';
import { ChangeSignal } from './change-signal.ts';

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

it('rejects when looking for changes fails, and leaves no timer', async () => {
  const before = timers();
  const changed = () => {
    throw new RangeError('gone');
  };
  const waiting = new ChangeSignal().wait({ changed, pollMs: 1, signal: undefined });
  await expect(waiting).rejects.toThrow(RangeError);
  expect(timers()).toBe(before);
});

it('wakes every waiter when notified, and leaves no timer', async () => {
  const before = timers();
  const changes = new ChangeSignal();
  const wait = { changed: () => false, pollMs: 60_000, signal: undefined };
  const waiting = [changes.wait(wait), changes.wait(wait)];
  expect(timers()).toBe(before + 2);
  changes.notify();
  await Promise.all(waiting);
  expect(timers()).toBe(before);
});

it('ends on abort, and leaves no timer', async () => {
  const before = timers();
  const abort = new AbortController();
  const waiting = new ChangeSignal().wait({ changed: () => false, pollMs: 60_000, signal: abort.signal });
  abort.abort();
  await waiting;
  expect(timers()).toBe(before);
});
