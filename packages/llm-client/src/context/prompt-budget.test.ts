import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateTokens } from '../text/estimate-tokens.ts';
import { createPromptBudget, type PromptSection } from './prompt-budget.ts';

const RUNS = process.env['TEST_DEEP'] === undefined ? 200 : 5_000;

/** A word is a token. */
const count = (text: string) => text.match(/\S+/g)?.length ?? 0;
const words = (amount: number, word = 'w') =>
  Array.from({ length: amount }, (_, at) => `${word}${at}`).join(' ');
const budget = (contextWindow: number) => createPromptBudget({ contextWindow, maxOutputTokens: 100, count });
const section = (name: string, text: string, changes: Partial<PromptSection> = {}): PromptSection => ({
  name,
  text,
  priority: 1,
  shrink: 'head_tail',
  ...changes,
});
const tokensOf = (fitted: { sections: readonly { name: string; tokens: number }[] }) =>
  Object.fromEntries(fitted.sections.map(({ name, tokens }) => [name, tokens]));

describe('createPromptBudget', () => {
  it('leaves alone what fits', () => {
    const fitted = budget(160).fit([section('plan', words(40)), section('empty', '')]);
    expect(fitted).toEqual({
      sections: [
        { name: 'plan', text: words(40), tokens: 40 },
        { name: 'empty', text: '', tokens: 0 },
      ],
      totalTokens: 40,
      cut: [],
    });
  });

  it('takes the room of answer and tools from the window', () => {
    const options = { contextWindow: 200, maxOutputTokens: 100, count, toolSchemas: ['a b c'] };
    expect(createPromptBudget(options).availableTokens).toBe(97);
    expect(createPromptBudget({ ...options, contextWindow: 50 }).availableTokens).toBe(0);
  });

  it('cuts low priority first and says what it cut', () => {
    const fitted = budget(200).fit([
      section('docs', words(100), { priority: 1 }),
      section('error', words(60), { priority: 9 }),
    ]);
    expect(tokensOf(fitted)['error']).toBe(60);
    expect(fitted.cut).toEqual([
      { name: 'docs', fromTokens: 100, toTokens: tokensOf(fitted)['docs'], dropped: false },
    ]);
    expect(fitted.sections[0]?.text).toMatch(/^w0 [^]*characters of docs left out[^]* w99$/);
    expect(fitted.totalTokens).toBeLessThanOrEqual(100);
    expect(fitted.totalTokens).toBeGreaterThan(90);
  });

  it('keeps the floor of a low priority while a higher one can give', () => {
    const fitted = budget(200).fit([
      section('docs', words(100), { priority: 1, minTokens: 30 }),
      section('log', words(200), { priority: 9 }),
    ]);
    expect(tokensOf(fitted)['docs']).toBeGreaterThanOrEqual(20);
    expect(tokensOf(fitted)['log']).toBeLessThanOrEqual(70);
  });

  it('drops the least important section when the floors do not fit', () => {
    const floor = (name: string, priority: number) => section(name, words(60), { priority, minTokens: 50 });
    const fitted = budget(210).fit([floor('a', 2), floor('b', 1), floor('c', 3)]);
    expect(Object.keys(tokensOf(fitted))).toEqual(['a', 'c']);
    expect(fitted.cut).toContainEqual({ name: 'b', fromTokens: 60, toTokens: 0, dropped: true });
  });

  it('drops whole what must not be cut, and gives its room to lower priorities', () => {
    const fitted = budget(150).fit([
      section('test', words(60), { priority: 5, shrink: 'drop' }),
      section('notes', words(45), { priority: 1 }),
    ]);
    expect(tokensOf(fitted)).toEqual({ notes: 45 });
  });

  it('shares among equals by weight', () => {
    const long = words(10_000);
    const fitted = budget(3_100).fit([section('a', long, { weight: 2 }), section('b', long)]);
    const tokens = tokensOf(fitted);
    expect((tokens['a'] ?? 0) / (tokens['b'] ?? 1)).toBeCloseTo(2, 1);
  });

  it('keeps to the bound of a section even where there is room', () => {
    const text = Array.from({ length: 50 }, (_, line) => `+ line ${line}`).join('\n');
    const fitted = budget(1_000).fit([section('diff', text, { maxTokens: 40, shrink: 'lines' })]);
    expect(fitted.sections[0]?.text).toBe(
      [...text.split('\n').slice(0, 10), '[… 40 more lines of diff left out …]'].join('\n'),
    );
  });

  it('lets a function summarise, and cuts what it returns too long', () => {
    const short = section('memory', words(500), { shrink: (_, max) => `at most ${max}` });
    expect(budget(200).fit([short]).sections[0]?.text).toBe('at most 100');
    const stubborn = section('memory', words(500), { shrink: (text) => text });
    expect(budget(200).fit([stubborn]).totalTokens).toBeLessThanOrEqual(100);
  });

  it('never exceeds, is deterministic, and leaves alone what fits', () => {
    const arbitrary = fc.record(
      {
        name: fc.constantFrom('a', 'b', 'c'),
        text: fc.string({ unit: fc.constantFrom('a', ' ', '\n', '😀', '\ud800'), maxLength: 200 }),
        priority: fc.nat(3),
        weight: fc.integer({ min: 1, max: 4 }),
        maxTokens: fc.nat(60),
        minTokens: fc.nat(30),
        shrink: fc.constantFrom('head_tail' as const, 'lines' as const, 'drop' as const),
      },
      { requiredKeys: ['name', 'text', 'priority', 'shrink'] },
    );
    fc.assert(
      fc.property(
        fc.array(arbitrary, { maxLength: 6 }),
        fc.nat(120),
        fc.boolean(),
        (sections, room, byWords) => {
          const counting = byWords ? count : estimateTokens;
          const fit = () =>
            createPromptBudget({ contextWindow: room, maxOutputTokens: 0, count: counting }).fit(sections);
          const fitted = fit();
          expect(fitted).toEqual(fit());
          expect(fitted.totalTokens).toBeLessThanOrEqual(room);
          for (const each of fitted.sections) expect(each.tokens).toBe(counting(each.text));
          const total = sections.reduce((sum, { text }) => sum + counting(text), 0);
          const bounded = sections.some(({ text, maxTokens = Infinity }) => counting(text) > maxTokens);
          if (total <= room && !bounded) expect(fitted.cut).toEqual([]);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('gives room to the most important first', () => {
    const level = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(fc.array(level, { minLength: 2, maxLength: 5 }), fc.nat(600), (sizes, room) => {
        const sections = sizes.map((size, at) =>
          section(`s${at}`, words(size), { priority: at, shrink: 'drop' }),
        );
        const kept = tokensOf(
          createPromptBudget({ contextWindow: room, maxOutputTokens: 0, count }).fit(sections),
        );
        let left = room;
        for (const { name, text } of sections.toReversed()) {
          const fits = count(text) <= left;
          expect(name in kept).toBe(fits);
          if (fits) left -= count(text);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
