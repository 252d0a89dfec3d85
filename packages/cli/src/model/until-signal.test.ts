import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { untilSignal } from './until-signal.ts';

const listening = (signals: EventEmitter) =>
  signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM');

it('ends at the first signal of either kind, and listens no more', async () => {
  for (const name of ['SIGINT', 'SIGTERM']) {
    const signals = new EventEmitter();
    const ended = untilSignal({ signals }, new AbortController().signal);
    expect(listening(signals)).toBe(2);
    signals.emit(name);
    await ended;
    expect(listening(signals)).toBe(0);
  }
});

it('fails with the reason of what broke, before or after it began to listen', async () => {
  const signals = new EventEmitter();
  const broken = new AbortController();
  const ended = untilSignal({ signals }, broken.signal);
  broken.abort(new RangeError('used up'));
  await expect(ended).rejects.toThrow('used up');
  await expect(untilSignal({ signals }, broken.signal)).rejects.toThrow('used up');
  expect(listening(signals)).toBe(0);
});
