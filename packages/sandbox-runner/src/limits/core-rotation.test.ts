import { expect, it } from 'vitest';
import { createCoreRotation, parseCoreList } from './core-rotation.ts';

it('gives each core its turn', () => {
  const rotation = createCoreRotation([0, 1, 4]);
  expect([1, 1, 2, 1].map((count) => rotation.take(count))).toEqual([[0], [1], [0, 4], [1]]);
  expect(rotation.take(0.5)).toEqual([4]);
});

it('names no cores where all may be used, or none is known', () => {
  expect(createCoreRotation([0, 1]).take(2)).toBeUndefined();
  expect(createCoreRotation([0, 1]).take(undefined)).toBeUndefined();
  expect(createCoreRotation([]).take(1)).toBeUndefined();
});

it.each([
  ['0-2,4\n', [0, 1, 2, 4]],
  ['3', [3]],
  ['', []],
] as const)('reads the list %j', (text, cores) => {
  expect(parseCoreList(text)).toEqual(cores);
});
