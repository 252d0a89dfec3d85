import { expect, it } from 'vitest';
import { runBounded } from './run-bounded.ts';

it('gives what the work gives and throws what it throws', () => {
  const value = {};
  expect(runBounded(() => value, 10_000)).toEqual({ kind: 'done', value });
  expect(() =>
    runBounded(() => {
      throw new RangeError('no');
    }, 10_000),
  ).toThrow(RangeError);
});

it('interrupts a loop, and a regular expression that backtracks without end', () => {
  const loop = () => {
    for (;;);
  };
  expect(runBounded(loop, 20)).toEqual({ kind: 'timeout' });
  expect(runBounded(() => /^(a+)+$/.test(`${'a'.repeat(60)}!`), 20)).toEqual({ kind: 'timeout' });
  expect(runBounded(() => 'goes on', 10_000)).toEqual({ kind: 'done', value: 'goes on' });
});

it('can be used by the work it runs', () => {
  expect(runBounded(() => runBounded(() => 1, 10_000), 10_000)).toEqual({
    kind: 'done',
    value: { kind: 'done', value: 1 },
  });
});
