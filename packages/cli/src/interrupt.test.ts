import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { listenForInterrupt } from './interrupt.ts';

function listen(endGraceMs = 60_000) {
  const signals = new EventEmitter();
  const said: string[] = [];
  const exits: number[] = [];
  const interrupt = listenForInterrupt({
    signals,
    say: (message) => said.push(message),
    exit: (code) => exits.push(code),
    endGraceMs,
  });
  return { signals, said, exits, interrupt };
}

it('asks first, ends at once next and leaves the process last', () => {
  const { signals, said, exits, interrupt } = listen();
  using _ = interrupt;
  const observed = () => [interrupt.graceful.aborted, interrupt.now.aborted, exits.length];
  const steps = [observed()];
  for (const name of ['SIGINT', 'SIGTERM', 'SIGINT']) {
    signals.emit(name);
    steps.push(observed());
  }
  expect(steps).toEqual([
    [false, false, 0],
    [true, false, 0],
    [true, true, 0],
    [true, true, 1],
  ]);
  expect(said).toHaveLength(2);
  expect(said[0]).toContain('press Ctrl-C again');
});

it('leaves the process when ending at once takes too long', async () => {
  const { signals, exits, interrupt } = listen(1);
  using _ = interrupt;
  signals.emit('SIGINT');
  signals.emit('SIGINT');
  await expect.poll(() => exits).toEqual([130]);
});

it('gives signals their default effect back', () => {
  const { signals, interrupt } = listen();
  interrupt[Symbol.dispose]();
  expect(signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM')).toBe(0);
});

it.each([0, 1])('says that a stop was carried out only when one was asked for (%i signals)', (count) => {
  const signals = new EventEmitter();
  let stops = 0;
  const interrupt = listenForInterrupt({
    signals,
    say: () => undefined,
    exit: () => undefined,
    afterStop: () => {
      stops += 1;
    },
  });
  if (count > 0) signals.emit('SIGINT');
  interrupt[Symbol.dispose]();
  expect(stops).toBe(count);
});
