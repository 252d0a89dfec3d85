import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

it('gives the lines of a text, however it comes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r') })), (parts) => {
      const splitter = new LineSplitter(1_000);
      const lines = parts.flatMap((part) => splitter.add(Buffer.from(part)));
      const texts = [...lines, splitter.end()].map((line) => line?.text ?? '');
      expect(texts).toEqual(parts.join('').split('\n'));
    }),
  );
});

it('keeps as much of a line as it may, and says where that is not all', () => {
  const splitter = new LineSplitter(4);
  expect(splitter.add(Buffer.from('1234\n123'))).toEqual([{ text: '1234', bytes: 4, isCut: false }]);
  expect(splitter.isCut).toBe(false);
  expect(splitter.add(Buffer.from('45'))).toEqual([]);
  expect(splitter.isCut).toBe(true);
  expect(splitter.add(Buffer.from('6\n'))).toEqual([{ text: '1234', bytes: 4, isCut: true }]);
  expect(splitter.isCut).toBe(false);
  expect(splitter.end()).toBeUndefined();
});

it('keeps nothing of a chunk that is used again', () => {
  const splitter = new LineSplitter(100);
  const chunk = Buffer.from('abc');
  splitter.add(chunk);
  chunk.fill(0);
  expect(splitter.end()?.text).toBe('abc');
});
