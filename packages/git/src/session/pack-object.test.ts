import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packObject } from './pack-object.ts';

it('is a zlib stream of the content, whatever its size', () => {
  fc.assert(
    fc.property(fc.nat(9000), fc.nat(255), (length, seed) => {
      const content = Uint8Array.from({ length }, (_, index) => (index * 31 + seed) % 256);
      expect(inflateSync(packObject(content)).equals(content)).toBe(true);
    }),
  );
});

it('is right about sums at their largest', () => {
  for (const length of [0, 1, 3999, 4000, 4001]) {
    const content = new Uint8Array(length).fill(255);
    expect(inflateSync(packObject(content)).equals(content), `${length}`).toBe(true);
  }
});
