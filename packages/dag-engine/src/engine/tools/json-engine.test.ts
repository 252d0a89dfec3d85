import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repairJson, validateJson } from './json-engine.ts';

/** Wants an object with `n`, and finds as many issues as `n` says. */
const schemas = {
  schemaOf: () => true,
  check: (_ref: unknown, value: unknown) =>
    Array.from({ length: (value as { n: number }).n }, (_, index) => ({
      path: `/${index}`,
      message: 'is odd',
    })),
};

describe('repairing JSON', () => {
  it('reads JSON between any words without braces', () => {
    const words = fc.string().filter((text) => !/[{}]/.test(text));
    fc.assert(
      fc.property(words, words, fc.dictionary(fc.string(), fc.jsonValue()), (before, after, value) => {
        const read = repairJson(`${before}${JSON.stringify(value)}${after}`);
        expect(read.ok && JSON.stringify(read.value)).toBe(JSON.stringify(JSON.parse(JSON.stringify(value))));
      }),
    );
  });

  it.each(['', 'words', '{', '}{', '{"a": }', 'NaN', '{"a": 1e999}'])(
    'does not invent anything for %j',
    (text) => {
      expect(repairJson(text)).toMatchObject({
        ok: false,
        failure: { error_id: 'invalid_json', code: 'json' },
      });
    },
  );
});

describe('validating', () => {
  it('gives a valid payload back as the same value', () => {
    const payload = { n: 0 };
    const checked = validateJson(schemas, 'some', payload);
    expect(checked.ok && checked.value).toBe(payload);
  });

  it('names the schema, the first issue and how many more there are; lists at most 20', () => {
    expect(validateJson(schemas, 'some', { n: 1 })).toMatchObject({
      failure: {
        error_id: 'schema_mismatch',
        code: 'validation',
        source: 'json_engine',
        message: 'does not match schema "some": /0 is odd',
        details: { schema_id: 'some', issues: [{ path: '/0', message: 'is odd' }] },
      },
    });
    const many = validateJson(schemas, { type: 'object' }, { n: 500 });
    expect(many).toMatchObject({
      failure: { message: 'does not match schema given inline: /0 is odd (and 499 more)' },
    });
    expect(many.ok ? [] : many.failure.details?.['issues']).toHaveLength(20);
  });
});
