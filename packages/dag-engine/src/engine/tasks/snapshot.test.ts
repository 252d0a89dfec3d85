import fc from 'fast-check';
import { expect, it } from 'vitest';
import { snapshot } from './snapshot.ts';

it('is an equal value that nothing can change', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const taken = snapshot<unknown>(value);
      expect(taken).toEqual(value);
      expectFrozen(taken);
    }),
  );
});

it('is the same when taken again, also as a part of something new', () => {
  const first = snapshot({ a: [1] });
  expect(snapshot(first)).toBe(first);
  expect(snapshot({ first }).first).toBe(first);
});

it('copies what is frozen only at the top', () => {
  const inner = { changes: 1 };
  const taken = snapshot(Object.freeze({ inner }));
  inner.changes = 2;
  expect(taken.inner.changes).toBe(1);
});

it('keeps keys that objects know already', () => {
  const value: unknown = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}');
  const taken = snapshot(value);
  expect(JSON.stringify(taken)).toBe(JSON.stringify(value));
  expect(Object.getPrototypeOf(taken)).toBe(Object.prototype);
});

function expectFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  expect(Object.isFrozen(value)).toBe(true);
  for (const inner of Object.values(value)) expectFrozen(inner);
}
