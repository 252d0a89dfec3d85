import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createRedactor, Secret } from './secret.ts';

describe('Secret', () => {
  it('prints as *** however it is printed, and gives the value out only when asked', () => {
    const secret = new Secret('sk-123456');
    const wrapped = { deep: { secret } };
    expect([
      `${secret}`,
      String(secret),
      ['', secret].join(''),
      JSON.stringify(wrapped),
      inspect(wrapped, { depth: 9 }),
      inspect(secret, { showHidden: true }),
    ]).toEqual(['***', '***', '***', '{"deep":{"secret":"***"}}', '{ deep: { secret: *** } }', '***']);
    expect(Object.values(secret)).toEqual([]);
    expect(secret.reveal()).toBe('sk-123456');
  });
});

describe('createRedactor', () => {
  const redact = createRedactor([new Secret('s3cr3t"key/+'), new Secret('s3cr3t'), new Secret('tiny')]);

  it('replaces every occurrence, the longest secret first', () => {
    expect(redact('a s3cr3t"key/+ b s3cr3t c s3cr3t')).toBe('a *** b *** c ***');
  });

  it('finds a secret inside JSON and URLs', () => {
    expect(redact(JSON.stringify({ key: 's3cr3t"key/+' }))).toBe('{"key":"***"}');
    expect(redact(`https://host/?k=${encodeURIComponent('s3cr3t"key/+')}`)).toBe('https://host/?k=***');
  });

  it('leaves ordinary text, and short secrets, alone', () => {
    expect(redact('tiny text')).toBe('tiny text');
  });
});
