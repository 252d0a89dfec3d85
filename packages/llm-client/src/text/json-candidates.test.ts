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

  it('stays fast on hostile nesting', () => {
    expect([...jsonCandidates('['.repeat(200_000))]).toEqual([]);
  });
});
