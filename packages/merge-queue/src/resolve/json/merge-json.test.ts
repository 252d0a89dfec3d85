import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergedOrder } from './merge-json.ts';
import { mergeJsonTexts, type JsonRules } from './merge-json-texts.ts';

const numRuns = process.env.TEST_DEEP === undefined ? 300 : 5_000;
const BY_KEY_ONLY: JsonRules = { decide: () => undefined, finish: (merged) => merged };

function merge(base: string | undefined, ours: string, theirs: string): string | undefined {
  return mergeJsonTexts({ ours, theirs, ...(base === undefined ? {} : { base }) }, BY_KEY_ONLY);
}

const print = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
const mergeValues = (base: unknown, ours: unknown, theirs: unknown) =>
  merge(print(base), print(ours), print(theirs));

describe('merging JSON by key', () => {
  it('takes what only one side changed, added or removed', () => {
    const base = { a: 1, b: { c: 1, d: 1 }, gone: 1 };
    const ours = { a: 2, b: { c: 1, d: 1, ours: true }, gone: 1 };
    const theirs = { a: 1, b: { c: 3, d: 1 }, theirs: [1] };
    const merged = { a: 2, b: { c: 3, d: 1, ours: true }, theirs: [1] };
    expect(mergeValues(base, ours, theirs)).toBe(print(merged));
  });

  it.each([
    ['a value changed differently', { a: 1 }, { a: 2 }, { a: 3 }],
    ['a value changed and removed', { a: { b: 1 } }, { a: { b: 2 } }, {}],
    ['a key added differently', {}, { a: 1 }, { a: 2 }],
    ['an object against a list', { a: 1 }, { a: {} }, { a: [] }],
    ['lists added by both', {}, { a: [1] }, { a: [2] }],
    ['lists changed in the middle', { a: [1, 2] }, { a: [1, 3] }, { a: [1, 4] }],
    ['objects appended to a list', { a: [] }, { a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
  ])('declines %s', (_what, base, ours, theirs) => {
    expect(mergeValues(base, ours, theirs)).toBeUndefined();
  });

  it('merges lists both sides appended to, without saying the same twice', () => {
    expect(mergeValues({ a: ['x'] }, { a: ['x', 'o', 'b'] }, { a: ['x', 'b', 't'] })).toBe(
      print({ a: ['x', 'o', 'b', 't'] }),
    );
  });

  it('merges files both sides made', () => {
    expect(merge(undefined, '{"a":1}', '{"b":2}')).toBe('{"a":1,"b":2}');
  });

  it("keeps ours' indentation, order, short lists, spellings and final line end", () => {
    const ours = '{\n\t"z": 1.0,\n\t"list": [1,  2],\n\t"big": 12345678901234567890\n}';
    const base = '{"z":1.0,"list":[1,2],"big":1}\n';
    const theirs = '{ "new": { "x": [true] },\n  "z": 1.0,\n  "list": [1, 2],\n  "big": 1 }\n';
    expect(merge(base, ours, theirs)).toBe(
      '{\n\t"new": { "x": [true] },\n\t"z": 1.0,\n\t"list": [1,  2],\n\t"big": 12345678901234567890\n}',
    );
  });

  it('keeps line ends of Windows', () => {
    const merged = merge(
      '{\n  "a": 1\n}\n',
      '{\r\n  "a": 2\r\n}\r\n',
      '{\n  "a": 1,\n  "b": {\n    "c": 1\n  }\n}\n',
    );
    expect(merged).toBe('{\r\n  "a": 2,\r\n  "b": {\r\n    "c": 1\r\n  }\r\n}\r\n');
  });

  it('takes __proto__, constructor and numbers for keys like any other', () => {
    const merged = merge('{}', '{"__proto__":{"x":1},"2":0}', '{"constructor":1,"1":0}');
    expect(merged).toBe('{"__proto__":{"x":1},"2":0,"constructor":1,"1":0}');
    expect(merge('{}', '{"__proto__":1}', '{"__proto__":2}')).toBeUndefined();
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it.each([
    ['comments', '{"a":1} // x'],
    ['a trailing comma', '{"a":1,}'],
    ['a key given twice', '{"a":1,"a":1}'],
    ['more after the end', '{} {}'],
    ['nothing', ''],
    ['a byte order mark', '\ufeff{}'],
    ['a line break in a string', '{"a":"\n"}'],
    ['hostile depth', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('declines %s', (_what, text) => {
    expect(merge('{"a":0}', text, '{"a":0,"b":1}')).toBeUndefined();
  });

  it('accepts JSON and nothing that JSON.parse refuses', () => {
    const noise = fc.stringMatching(/^[[\]{}",:0-9.eE+\-tfn\\u \n]{0,20}$/);
    fc.assert(
      fc.property(fc.json(), noise, fc.nat(), (text, inserted, at) => {
        expect(merge(text, text, text)?.trim()).toBe(text.trim());
        const damaged = text.slice(0, at % (text.length + 1)) + inserted + text.slice(at % (text.length + 1));
        if (merge(damaged, damaged, damaged) !== undefined)
          expect(() => void JSON.parse(damaged)).not.toThrow();
      }),
      { numRuns },
    );
  });
});

const value = fc.jsonValue({ maxDepth: 3 });
const object = fc.dictionary(fc.string({ maxLength: 4 }), value, { noNullPrototype: true });
const entries = (from: object) => new Map(Object.entries(from));

describe('properties', () => {
  it('a side that changed nothing does not matter', () => {
    fc.assert(
      fc.property(value, value, (base, changed) => {
        expect(mergeValues(base, changed, base)).toBe(print(changed));
        expect(mergeValues(base, base, changed)).toBe(print(changed));
        expect(mergeValues(base, changed, changed)).toBe(print(changed));
      }),
      { numRuns },
    );
  });

  it('edits of different keys are all kept', () => {
    fc.assert(
      fc.property(object, object, object, (base, added, changed) => {
        const ours = { ...base, ...prefixed('ours ', added) };
        const theirs = { ...base, ...prefixed('theirs ', changed) };
        const merged = JSON.parse(mergeValues(base, ours, theirs) ?? 'null');
        // Printed, because JSON has no negative zero.
        expect(merged).toEqual(JSON.parse(print({ ...ours, ...theirs })));
      }),
      { numRuns },
    );
  });

  it('loses nothing silently: a key of the result is what one side made of it, or it is declined', () => {
    const small = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ max: 2, min: 0 }), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(small, small, small, (base, ours, theirs) => {
        const text = mergeValues(base, ours, theirs);
        const [b, o, t] = [entries(base), entries(ours), entries(theirs)];
        const keys = [...new Set([...b.keys(), ...o.keys(), ...t.keys()])];
        const isContested = (key: string) =>
          o.get(key) !== t.get(key) && o.get(key) !== b.get(key) && t.get(key) !== b.get(key);
        expect(text === undefined).toBe(keys.some(isContested));
        if (text === undefined) return;
        const merged = entries(JSON.parse(text) as object);
        for (const key of keys)
          expect(merged.get(key)).toBe(o.get(key) === b.get(key) ? t.get(key) : o.get(key));
      }),
      { numRuns },
    );
  });

  it('orders keys so that each is there once and both orders hold where they agree', () => {
    const list = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e', 'f'));
    fc.assert(
      fc.property(list, list, (ours, theirs) => {
        const order = mergedOrder(ours, theirs);
        expect(order.toSorted()).toEqual([...new Set([...ours, ...theirs])].toSorted());
        expect(order.filter((key) => ours.includes(key))).toEqual(ours);
      }),
      { numRuns },
    );
  });
});

function prefixed(prefix: string, from: object): object {
  return Object.fromEntries(Object.entries(from).map(([key, inner]) => [prefix + key, inner as unknown]));
}
