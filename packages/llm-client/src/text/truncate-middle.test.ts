import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateTokens } from './estimate-tokens.ts';
import { truncateMiddle } from './truncate-middle.ts';

describe('truncateMiddle', () => {
  it('keeps 60 % of the room for the head and says what is missing', () => {
    const cut = truncateMiddle('a'.repeat(500) + 'z'.repeat(500), 200, 'the log');
    const [head = '', middle, tail = ''] = cut.split('\n');
    expect(cut.length).toBeLessThanOrEqual(200);
    expect(middle).toBe(`[… ${1000 - head.length - tail.length} characters of the log left out …]`);
    expect(head.length / (head.length + tail.length)).toBeCloseTo(0.6, 1);
    expect([head[0], tail[0]]).toEqual(['a', 'z']);
  });

  it('never exceeds the limit, never splits a surrogate pair, keeps what fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.nat(300), (text, maxChars) => {
        const cut = truncateMiddle(text, maxChars, 'it');
        expect(cut.length).toBeLessThanOrEqual(maxChars);
        if (text.isWellFormed()) expect(cut.isWellFormed()).toBe(true);
        if (text.length <= maxChars) expect(cut).toBe(text);
      }),
    );
  });
});

describe('estimateTokens', () => {
  it('is a quarter of the characters, rounded up', () => {
    expect([estimateTokens(''), estimateTokens('abcd'), estimateTokens('abcde')]).toEqual([0, 1, 2]);
  });
});
