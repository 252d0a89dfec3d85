import { createRedactor, Secret } from '@agentswarm/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createJsonFreezer } from './frozen-json.ts';
import type { JsonValue } from './json.ts';
import { snapshot } from '../tasks/snapshot.ts';

const freeze = createJsonFreezer();

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

it('copies any JSON exactly, frozen to the last level, and leaves the original alone', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      const value: unknown = JSON.parse(text);
      const copy = freeze(value);
      expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
      expect(isDeeplyFrozen(copy)).toBe(true);
      if (typeof value === 'object' && value !== null) expect(Object.isFrozen(value)).toBe(false);
    }),
  );
});

it('turns anything into JSON without throwing', () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
      (value) => {
        const copy = freeze(value);
        expect(JSON.parse(JSON.stringify(copy))).toEqual(copy);
      },
    ),
  );
});

it('says what it could not copy', () => {
  const cyclic: Record<string, unknown> = { name: 'a' };
  cyclic['self'] = cyclic;
  const hostile = {
    get secret(): string {
      throw new RangeError('no');
    },
  };
  const values = [cyclic, hostile, 10n, new Date(0), () => 1, NaN, [undefined], { gone: undefined }];
  expect(freeze(values)).toEqual([
    { name: 'a', self: '[circular]' },
    '[unreadable: no]',
    '10',
    '1970-01-01T00:00:00.000Z',
    null,
    null,
    [null],
    {},
  ]);
});

it('cuts what is nested too deep', () => {
  let deep: JsonValue = 'bottom';
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  const text = JSON.stringify(freeze(deep));
  expect(text).toContain('[too deep]');
  expect(text.length).toBeLessThan(3000);
});

it('copies a value that occurs many times once', () => {
  let doubled: JsonValue = ['leaf'];
  for (let level = 0; level < 60; level += 1) doubled = [doubled, doubled];
  const copy = freeze(doubled) as readonly JsonValue[];
  expect(copy[0]).toBe(copy[1]);
});

it('keeps a key named __proto__ as data', () => {
  const copy = freeze(JSON.parse('{"__proto__":{"polluted":true}}')) as object;
  expect(Object.keys(copy)).toEqual(['__proto__']);
  expect('polluted' in copy).toBe(false);
});

it('shares what is known to be frozen JSON, and copies what a stranger froze', () => {
  const known = snapshot({ a: [1] });
  expect(freeze(known)).toBe(known);
  expect((freeze({ known }) as { known: unknown }).known).toBe(known);
  const strange = Object.freeze({ a: [1] });
  expect(freeze(strange)).not.toBe(strange);
});

it('shares nothing that is too deep, or that a mapping could change', () => {
  let deep: JsonValue = snapshot(['bottom']);
  for (let level = 0; level < 1500; level += 1) deep = snapshot([deep]);
  expect(JSON.stringify(freeze(deep))).toContain('[too deep]');
  const known = snapshot({ text: 'a canary' });
  expect(createJsonFreezer(createRedactor([new Secret('canary')]))(known)).toEqual({ text: 'a ***' });
});

it('maps texts, keys and numbers that spell a secret', () => {
  const redacting = createJsonFreezer(createRedactor([new Secret('123456'), new Secret('canary')]));
  expect(redacting({ canary: ['a canary!', 123456, 9123456, 12], plain: 'ok' })).toEqual({
    '***': ['a ***!', '***', '9***', 12],
    plain: 'ok',
  });
  expect(redacting(new Secret('never named'))).toBe('***');
});
