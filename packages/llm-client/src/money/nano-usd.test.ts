import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatUsd, nanoUsdOf, usdOf } from './nano-usd.ts';

it('gives back every sum up to a million dollars', () => {
  const sums = fc.integer({ min: 0, max: 1e15 });
  fc.assert(fc.property(sums, (nanoUsd) => nanoUsdOf(usdOf(nanoUsd)) === nanoUsd));
});

it.each([
  [
    [5, 0.12, 4.98],
    ['5.00', '0.12', '4.98'],
  ],
  [
    [5, 4.981],
    ['5.00', '4.99'],
  ],
  [
    [5, 0.000_31, 0],
    ['5.00000', '0.00031', '0.00000'],
  ],
  [[1e-9], ['0.000000001']],
])('writes %j with as many decimals as its smallest sum needs, rounded up', (usd, texts) => {
  expect(formatUsd(usd.map(nanoUsdOf))).toEqual(texts);
});
