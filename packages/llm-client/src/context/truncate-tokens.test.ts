import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from './tokenizer.ts';
import { truncateHeadTail, truncateLines } from './truncate-tokens.ts';

const RUNS = process.env['TEST_DEEP'] === undefined ? 200 : 5_000;

const label = 'it';

describe('truncateHeadTail and truncateLines', () => {
  it('never exceed, never split a surrogate pair, keep what fits', () => {
    const counts = fc.constantFrom(undefined, (text: string) => Math.ceil(text.length / 3));
    const texts = fc.string({ unit: fc.constantFrom('a', '\n', '😀', '…'), maxLength: 300 });
    fc.assert(
      fc.property(texts, fc.nat(150), counts, (text, max, count) => {
        const measure = count ?? ((part: string) => part.length);
        for (const truncate of [truncateHeadTail, truncateLines]) {
          const cut = truncate(text, max, { label, ...(count === undefined ? {} : { count }) });
          expect(measure(cut)).toBeLessThanOrEqual(max);
          expect(cut.isWellFormed()).toBe(true);
          if (measure(text) <= max) expect(cut).toBe(text);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('keeps whole lines and counts the rest', () => {
    const text = Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n');
    const cut = truncateLines(text, 60, { label }).split('\n');
    expect(cut).toEqual(['line 0', 'line 1', 'line 2', '[… 97 more lines of it left out …]']);
  });
});

describe('loadTokenizer', () => {
  it('counts as the model does where its encoding is known', async () => {
    const { exact, count } = await loadTokenizer({ tokenizer: 'o200k_base' });
    // "hello" and " world" are one token each; the special token is read as text.
    expect([exact, count('hello world'), count('<|endoftext|>') > 1]).toEqual([true, 2, true]);
    const cut = truncateHeadTail('hello world '.repeat(500), 100, { label, count });
    expect(count(cut)).toBeLessThanOrEqual(100);
    expect(count(cut)).toBeGreaterThan(90);
  });

  it('counts long texts like short ones, and gets through runs without spaces', async () => {
    const { count } = await loadTokenizer({ tokenizer: 'o200k_base' });
    expect(count('hello' + ' world hello'.repeat(5_000))).toBe(10_001);
    const lines = '  return { value: [1, 2] };\n';
    expect(count(lines.repeat(1_000))).toBe(count(lines.repeat(10)) * 100);
    expect(count('a'.repeat(300_000))).toBeGreaterThan(10_000);
    expect(count('😀'.repeat(3_000))).toBe(count('😀'.repeat(1_000)) * 3);
  });

  it.each(['o200k_harmony', 'cl100k_base'] as const)('knows %s', async (tokenizer) => {
    expect((await loadTokenizer({ tokenizer })).count('hello world')).toBe(2);
  });

  it('estimates everything else', async () => {
    const counts = [await loadTokenizer(), await loadTokenizer({ charsPerToken: 2.5 })];
    expect(counts.map(({ exact, count }) => [exact, count('0123456789')])).toEqual([
      [false, 3],
      [false, 4],
    ]);
  });
});
