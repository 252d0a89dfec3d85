import { expect, it } from 'vitest';
import { higherRange } from './version-range.ts';

it.each([
  ['^1.2.3', '^1.10.0', '^1.10.0'],
  ['~2.0.9', '~2.0.10', '~2.0.10'],
  ['1.0.0', '1.0.1', '1.0.1'],
  ['>=1.2.0', '>=1.1.9', '>=1.2.0'],
  ['^0.3.1', '^0.3.4', '^0.3.4'],
  ['^1.2.3', '^1.2.3', '^1.2.3'],
])('of %s and %s takes %s', (a, b, higher) => {
  expect(higherRange(a, b)).toBe(higher);
  expect(higherRange(b, a)).toBe(higher);
});

it.each([
  ['^1.0.0', '^2.0.0'],
  ['^1.0.0', '~1.0.0'],
  ['^0.3.0', '^0.4.0'],
  ['^1.0.0-rc.1', '^1.0.0'],
  ['1.x', '1.0.0'],
  ['latest', '1.0.0'],
  ['workspace:*', '^1.0.0'],
  ['^1.0.0 || ^2.0.0', '^1.0.0'],
])('does not choose between %s and %s', (a, b) => {
  expect(higherRange(a, b)).toBeUndefined();
});
