import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstLine, keepTail, truncateMiddle } from './truncate.ts';

test('truncateMiddle keeps head and tail and says how much is missing', () => {
  expect(truncateMiddle('0123456789abcdef', 10)).toBe('012345\n… 6 characters omitted …\ncdef');
});

test('truncateMiddle returns short texts unchanged and bounds long ones', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 200 }), (text, maxChars) => {
      const result = truncateMiddle(text, maxChars);
      if (text.length <= maxChars) expect(result).toBe(text);
      else expect(result.length).toBeLessThanOrEqual(maxChars + 40);
    }),
  );
});

test('keepTail keeps the end', () => {
  expect(keepTail('abcdef', 6)).toBe('abcdef');
  expect(keepTail('abcdef', 2)).toBe('… 4 characters omitted …\nef');
});

test('firstLine gives one short line', () => {
  expect(firstLine('\n  Add it\r\nmore', 20)).toBe('Add it');
  expect(firstLine('abcdefgh', 5)).toBe('abcd…');
  expect(firstLine('', 5)).toBe('');
});
