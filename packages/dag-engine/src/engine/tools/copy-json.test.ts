import fc from 'fast-check';
import { expect, it } from 'vitest';
import { copyJson } from './copy-json.ts';

const PROPERTY_RUNS = process.env['TEST_DEEP'] ? 10_000 : 500;

it('copies JSON as it is, deeply frozen', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const copied = copyJson(value);
      if (!copied.ok) return expect.unreachable(`${copied.path} ${copied.reason}`);
      expect(JSON.stringify(copied.value)).toBe(JSON.stringify(value));
      expectFrozen(copied.value);
      return undefined;
    }),
    { numRuns: PROPERTY_RUNS },
  );
});

it('gives what survives JSON or a reason, for anything at all', () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true }),
      (value) => {
        const copied = copyJson(value);
        if (copied.ok) expect(JSON.parse(JSON.stringify(copied.value))).toEqual(copied.value);
        else expect(copied.path.startsWith('$')).toBe(true);
      },
    ),
    { numRuns: PROPERTY_RUNS },
  );
});

it('does not see later changes of what it copied', () => {
  const source = { list: [1], inner: { a: 1 } };
  const copied = copyJson(source);
  source.list.push(2);
  source.inner.a = 2;
  expect(copied).toEqual({ ok: true, value: { list: [1], inner: { a: 1 } } });
});

it('leaves out undefined fields, turns -0 into 0 and takes objects without a prototype', () => {
  const source = Object.assign(Object.create(null) as object, { a: undefined, b: -0, [Symbol('s')]: 1 });
  const copied = copyJson(source);
  expect(copied).toStrictEqual({ ok: true, value: { b: 0 } });
});

it('says where and why a value is no JSON', () => {
  const cycle: unknown[] = [];
  cycle.push({ back: cycle });
  class Point {
    readonly x = 1;
  }
  const cases: [unknown, string][] = [
    [undefined, '$ is undefined'],
    [{ a: [1, { b: 2n }] }, '$.a[1].b is a bigint'],
    [{ a: { fine: 1 }, b: Symbol('s') }, '$.b is a symbol'],
    [[Number.POSITIVE_INFINITY], '$[0] is Infinity, which JSON does not have'],
    [cycle, '$[0].back contains itself'],
    [new Point(), '$ is a Point, not plain data'],
    [{ at: new Error('x') }, '$.at is a Error, not plain data'],
    [new Uint8Array(2), '$ is a Uint8Array, not plain data'],
  ];
  for (const [value, expected] of cases) {
    const copied = copyJson(value);
    expect(copied.ok ? 'fine' : `${copied.path} ${copied.reason}`).toBe(expected);
  }
});

it('takes the same value twice, but not without end', () => {
  const twice = { a: 1 };
  expect(copyJson([twice, twice])).toEqual({ ok: true, value: [{ a: 1 }, { a: 1 }] });
  let laughs: unknown = 'ha';
  for (let level = 0; level < 40; level += 1) laughs = [laughs, laughs];
  expect(copyJson(laughs)).toMatchObject({ ok: false, reason: 'has more than 1000000 values' });
  let deep: unknown = 1;
  for (let level = 0; level < 513; level += 1) deep = { deep };
  expect(copyJson(deep)).toMatchObject({ ok: false, reason: 'is nested deeper than 512 levels' });
  expect(copyJson(['x'.repeat(16_000_000), 'y'])).toMatchObject({
    ok: false,
    path: '$[1]',
    reason: 'has more than 16000000 characters',
  });
});

it('does not fail over values that fail when read', () => {
  const trap = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new TypeError('trap');
      },
    },
  );
  expect(copyJson({ a: trap })).toEqual({ ok: false, path: '$.a', reason: 'cannot be read: trap' });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(copyJson(proxy)).toMatchObject({ ok: false, path: '$' });
});

function expectFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  expect(Object.isFrozen(value)).toBe(true);
  for (const inner of Object.values(value)) expectFrozen(inner);
}
