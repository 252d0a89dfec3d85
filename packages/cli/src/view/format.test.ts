import { expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatList, formatQuantity } from './format.ts';

it('formats durations', () => {
  expect([0, 7_999, 61_000, 3_723_000].map(formatDuration)).toEqual(['0:00', '0:07', '1:01', '1:02:03']);
});

it('formats counts without jumping to a thousand of a unit', () => {
  expect([999, 1000, 12_345, 999_949, 999_950, 4_500_000].map(formatCount)).toEqual([
    '999',
    '1.0k',
    '12.3k',
    '999.9k',
    '1.0M',
    '4.5M',
  ]);
});

it('formats sizes', () => {
  expect([0, 999, 1000, 999_949, 999_950].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '999.9 kB',
    '1.0 MB',
  ]);
});

it('formats quantities and lists', () => {
  expect([formatQuantity(1, 'task'), formatQuantity(2, 'task'), formatList(['a', 'b', 'c'], 2)]).toEqual([
    '1 task',
    '2 tasks',
    'a, b and 1 more',
  ]);
});
