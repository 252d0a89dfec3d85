import { describe, expect, test } from 'vitest';
import { decodeRuns, encodeRuns } from './run-length.ts';

describe('run-length codec', () => {
  test('writes a run as its length and value', () => {
    expect([...encodeRuns(Uint8Array.of(7, 7, 7, 2))]).toEqual([3, 7, 1, 2]);
    expect([...encodeRuns(new Uint8Array(0))]).toEqual([]);
  });

  test('gives back what it was given', () => {
    const inputs = [
      new Uint8Array(0),
      Uint8Array.of(0),
      new Uint8Array(10_000),
      Uint8Array.from({ length: 999 }, (_, i) => i % 256),
      Uint8Array.from({ length: 999 }, (_, i) => Math.floor(i / 100)),
    ];
    for (const bytes of inputs) expect(decodeRuns(encodeRuns(bytes), bytes.length)).toEqual(bytes);
  });

  test('splits runs that are too long for a byte', () => {
    for (const length of [255, 256, 510, 511]) {
      const bytes = new Uint8Array(length).fill(4);
      expect(decodeRuns(encodeRuns(bytes), length)).toEqual(bytes);
    }
  });

  test('makes an empty chunk small', () => {
    expect(encodeRuns(new Uint8Array(16_384)).length).toBeLessThan(150);
  });

  test('refuses damaged data', () => {
    const pairs = encodeRuns(Uint8Array.of(1, 1, 2));
    expect(() => decodeRuns(pairs.slice(0, 3), 3)).toThrow('in the middle of a pair');
    expect(() => decodeRuns(pairs, 2)).toThrow('longer than 2 bytes');
    expect(() => decodeRuns(pairs, 4)).toThrow('has 3 bytes, not 4');
    expect(() => decodeRuns(Uint8Array.of(0, 1), 0)).toThrow('empty run');
  });
});
