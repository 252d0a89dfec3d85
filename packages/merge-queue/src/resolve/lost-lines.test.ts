import { expect, it } from 'vitest';
import { addedLinesMissing, summarizeLost } from './lost-lines.ts';

it('finds lines a side added that are not in the result', () => {
  expect(addedLinesMissing('a\n', 'a\nb\n  c\n', 'a\nc\n')).toEqual(['b']);
});

it('counts a line as often as it was added', () => {
  expect(addedLinesMissing('', '}\n}\n}\n', '}\n')).toEqual(['}', '}']);
});

it('does not call it a loss that a line of the base is gone', () => {
  expect(addedLinesMissing('a\nb\n', 'a\nb\n', '')).toEqual([]);
});

it('names a few lines and the number of the others', () => {
  const sides = { base: '', ours: 'o1\no2\no3\n', theirs: 't1\nt2\nt3\n' };
  expect(summarizeLost(sides, '', 5)).toEqual([
    'ours: o1',
    'ours: o2',
    'ours: o3',
    'theirs: t1',
    'and 2 more lines',
  ]);
  expect(summarizeLost(sides, 'o1\no2\no3\nt1\nt3\n', 5)).toEqual(['theirs: t2']);
});
