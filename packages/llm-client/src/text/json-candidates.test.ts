import { describe, expect, it } from 'vitest';
import { describeJsonProblem, jsonCandidates } from './json-candidates.ts';

describe('jsonCandidates', () => {
  it('never takes a draft from an unfinished think block', () => {
    expect([...jsonCandidates('<think>maybe {"a":1}')]).toEqual([]);
  });

  it('finds objects between prose, outermost first', () => {
    expect([...jsonCandidates('x {y} {"a":{"b":"}"}} then [1,2] end')]).toEqual([{ a: { b: '}' } }, [1, 2]]);
  });

  it('yields no plain values', () => {
    expect([...jsonCandidates('42')]).toEqual([]);
    expect(describeJsonProblem('42')).toContain('is no JSON object or array');
  });

  it('takes a fence inside a string for content, and reads one block after the other', () => {
    const quoting = '```json\n{"a":\n"\\n```"}\n```';
    expect([...jsonCandidates(quoting)]).toEqual([{ a: '\n```' }]);
    const two = 'First:\n```json\n\n[1]\n\n```\nthen ```\n[2]\n  ```';
    expect([...jsonCandidates(two)]).toEqual([[1], [2]]);
  });

  it.each([
    ['empty lines', '```' + '\n'.repeat(100_000) + 'x'],
    ['openings', '```\nx '.repeat(100_000)],
  ])('stays fast on a block without an end: %s', (_what, text) => {
    expect([...jsonCandidates(text)]).toEqual([]);
    expect(describeJsonProblem(text)).toContain('no valid JSON');
  });

  it('stays fast on hostile nesting', () => {
    expect([...jsonCandidates('['.repeat(200_000))]).toEqual([]);
  });
});
