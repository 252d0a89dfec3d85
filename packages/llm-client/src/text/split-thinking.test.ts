import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitThinking } from './split-thinking.ts';
import { createThinkingFilter, type ThinkingPart } from './thinking-filter.ts';

const RUNS = process.env['TEST_DEEP'] === undefined ? 300 : 20_000;

describe('splitThinking', () => {
  it.each([
    ['<think>a</think>b', 'b', 'a'],
    ['\n<THINK>a</Think>\n\nb ', 'b ', 'a'],
    ['<think>a</think> <reasoning>c</reasoning>b', 'b', 'ac'],
    ['[THINK]a[/THINK]b', 'b', 'a'],
    ['a</think>b', 'b', 'a'],
    ['<think>never ends', '', 'never ends'],
    ['<think>half a tag </thin', '', 'half a tag </thin'],
    ['<think>a</thinking></think>b', 'b', 'a</thinking>'],
    ['  plain', '  plain', ''],
    ['', '', ''],
    ['say <think>x</think>', 'say <think>x</think>', ''],
    ['end it with `</think>`', 'end it with `</think>`', ''],
    ['{"a":"<think>x</think>"}', '{"a":"<think>x</think>"}', ''],
    ['{"a":"x </think>"}', '{"a":"x </think>"}', ''],
    ['```\n</think>\n```', '```\n</think>\n```', ''],
  ])('%j is the answer %j and the thought %j', (whole, text, reasoning) => {
    expect(splitThinking(whole)).toEqual({ text, reasoning });
  });
});

const pieces = fc.constantFrom(
  '<think>',
  '</think>',
  '<thinking>',
  '</thin',
  'king>',
  '<',
  '[THINK]',
  '[/',
  ' ',
  '\n',
  'a',
  'İ',
);
const texts = fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join(''));
const joined = (parts: readonly ThinkingPart[], type: ThinkingPart['type']) =>
  parts.flatMap((part) => (part.type === type ? [part.text] : [])).join('');

describe('createThinkingFilter', () => {
  const outcome = (chunks: readonly string[], opened: boolean) => {
    const filter = createThinkingFilter({ opened });
    const parts = [...chunks.flatMap((chunk) => [...filter.push(chunk)]), ...filter.end()];
    return { text: joined(parts, 'text'), reasoning: joined(parts, 'reasoning') };
  };

  it('does not depend on where the text is cut', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat(60)), fc.boolean(), (text, cuts, opened) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const chunks = at.slice(1).map((end, index) => text.slice(at[index], end));
        expect(outcome(chunks, opened)).toEqual(outcome([text], opened));
      }),
      { numRuns: RUNS },
    );
  });

  it('holds back no more than may be a tag', () => {
    const filter = createThinkingFilter();
    expect(filter.push(' <thi')).toEqual([]);
    expect(filter.push('nk>so </th')).toEqual([{ type: 'reasoning', text: 'so ' }]);
    expect(filter.push('is')).toEqual([{ type: 'reasoning', text: '</this' }]);
    expect(filter.push('</think>\n')).toEqual([]);
    expect(filter.push('An <think>')).toEqual([{ type: 'text', text: 'An <think>' }]);
    expect(filter.end()).toEqual([]);
  });

  it('gives up a beginning that becomes no tag', () => {
    const filter = createThinkingFilter();
    expect(filter.push('<thi')).toEqual([]);
    expect(filter.push('s>')).toEqual([{ type: 'text', text: '<this>' }]);
  });
});
