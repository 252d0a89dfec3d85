import { describe, expect, it } from 'vitest';
import type { FlowValue } from '../flow-node.ts';
import { valueAt } from '../reference.ts';
import { evaluateCondition } from './evaluate-condition.ts';
import { parseCondition } from './parse-condition.ts';

const RESULTS: Readonly<Record<string, FlowValue>> = {
  text: 'twelve chars',
  list: ['a', 2, null],
  object: { deep: [{ name: 'x' }], '': 1 },
  number: 7,
  yes: true,
  nothing: null,
};

/** `true`, `false`, or the reason it is ambiguous. */
function decide(source: string): string {
  const parsed = parseCondition(source);
  if ('problem' in parsed) return `problem: ${parsed.problem}`;
  const decision = evaluateCondition(parsed.expression, (reference) => {
    const { id, path } = reference ?? { id: 'text', path: [] };
    const result = RESULTS[id];
    return result === undefined ? undefined : valueAt(result, path);
  });
  return decision.kind === 'decided' ? String(decision.value) : decision.reason;
}

describe('a condition', () => {
  it.each([
    ['length > 10', 'true'],
    ['length > 12', 'false'],
    ['{list}.count >= 3 && {list}.length == 3', 'true'],
    ['{object.deep[0].name} == "x"', 'true'],
    ["{object.deep[0].name} != 'x'", 'false'],
    ['{object}.count == 2', 'true'],
    ['{number}.type == "number" && {nothing}.type == "null" && {list}.type == "array"', 'true'],
    ['{nothing}.empty', 'true'],
    ['{nothing} == null && {yes} != null', 'true'],
    ['!{yes} || {number} < 8', 'true'],
    ['!({yes} || {number} < 8)', 'false'],
    ['{yes} || {yes} && false', 'true'],
    ['{text} contains "chars" && {list} contains 2', 'true'],
    ['{text} matches "^t.*s$"', 'true'],
    ['{} matches "(?i)TWELVE"', 'true'],
    ['{number} == -7e0', 'false'],
    ['"it\\"s" == "it\\"s"', 'true'],
    ['{yes} || {missing}', 'true'],
  ])('%s is %s', (source, result) => {
    expect(decide(source)).toBe(result);
  });

  it.each([
    ['{text} > 3', '"twelve chars" > 3 has no meaning'],
    ['{number} == "7"', '7 == "7" has no meaning'],
    ['{list} == {list}', '["a",2,null] == ["a",2,null] has no meaning'],
    ['{number}', '7 is neither true nor false'],
    ['{number}.length > 1', '{number}.length of 7 has no meaning'],
    ['{object.gone} == null', '{object.gone} has no value'],
    ['{object.constructor} == null', '{object.constructor} has no value'],
    ['{missing} || true', '{missing} has no value'],
  ])('%s is ambiguous', (source, reason) => {
    expect(decide(source)).toBe(reason);
  });

  it.each([
    ['', 'something is missing at the end'],
    ['length >', 'something is missing at the end'],
    ['(length > 1', 'unexpected end'],
    ['length > 1)', 'unexpected ")"'],
    ['process.exit()', 'unexpected "process" at character 1'],
    ['{a b} == 1', 'unexpected "{a b}" at character 1'],
    ['{a}.size', 'unexpected "size" at character 5'],
    ['__proto__', 'unexpected "__proto__" at character 1'],
    ['{a} matches {b}', 'matches needs a quoted pattern'],
    ['a = 1', 'unexpected "a" at character 1'],
    [`${'!'.repeat(200)}true`, 'it is nested more than 100 times'],
    [`${'('.repeat(1500)}true`, 'it is nested more than 100 times'],
    ['x'.repeat(3000), 'it is longer than 2000 characters'],
  ])('%s is refused', (source, problem) => {
    expect(decide(source)).toBe(`problem: ${problem}`);
  });

  it('refuses a pattern that is none', () => {
    expect(decide('{text} matches "("')).toMatch(/^problem: "\(" is no regular expression/);
  });

  it('looks for a pattern in time linear in the text', () => {
    const parsed = parseCondition('{} matches "^(a+)+$"');
    if ('problem' in parsed) throw new TypeError(parsed.problem);
    const text = `${'a'.repeat(20_000)}b`;
    expect(evaluateCondition(parsed.expression, () => text)).toEqual({ kind: 'decided', value: false });
  });
});
