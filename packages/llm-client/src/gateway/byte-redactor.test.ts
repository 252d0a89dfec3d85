import { Secret } from '@agentswarm/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteRedactor } from './byte-redactor.ts';

const run = (secret: string, chunks: readonly Buffer[]) => {
  const redactor = createByteRedactor(new Secret(secret));
  return Buffer.concat([...chunks.map((chunk) => redactor.push(chunk)), redactor.end()]).toString();
};

describe('createByteRedactor', () => {
  it('finds the secret however it is split, and changes nothing else', () => {
    const parts = fc.array(fc.constantFrom('aab', 'aabaab', 'aabaac', 'x', '\n', 'ä'), { maxLength: 12 });
    fc.assert(
      fc.property(parts, fc.array(fc.nat(40), { maxLength: 6 }), (texts, cuts) => {
        const bytes = Buffer.from(texts.join(''));
        const edges = [
          0,
          ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b),
          bytes.length,
        ];
        const chunks = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
        expect(run('aabaac', chunks)).toBe(texts.join('').replaceAll('aabaac', '******'));
      }),
      { numRuns: 500 },
    );
  });

  it('lets bytes through at once that cannot begin the secret', () => {
    const redactor = createByteRedactor(new Secret('sk-123456'));
    expect(redactor.push(Buffer.from('data: {}\n\n')).toString()).toBe('data: {}\n\n');
    expect(redactor.push(Buffer.from('data: sk-')).toString()).toBe('data: ');
    expect(redactor.push(Buffer.from('x')).toString()).toBe('sk-x');
  });
});
