import { describe, expect, test } from 'vitest';
import { createTextureAtlas } from './texture-atlas.ts';

const names = (count: number) => Array.from({ length: count }, (_, index) => `tile-${index}`);

describe('texture atlas', () => {
  test('is the smallest square with a power of two tiles a side', () => {
    const columns = [1, 2, 4, 5, 16, 17].map((count) => createTextureAtlas(names(count)).columns);
    expect(columns).toEqual([1, 2, 2, 4, 4, 8]);
    expect(createTextureAtlas(names(5), 16).sizePixels).toBe(64);
  });

  test('numbers tiles row by row', () => {
    const atlas = createTextureAtlas(names(4));
    expect(names(4).map(atlas.indexOf)).toEqual([0, 1, 2, 3]);
    expect(atlas.rectOf('tile-1').u0).toBeGreaterThan(0.5);
    expect(atlas.rectOf('tile-2').v0).toBeGreaterThan(0.5);
  });

  test('keeps half a texel away from the neighbours', () => {
    const { u0, u1 } = createTextureAtlas(names(4), 16).rectOf('tile-0');
    expect(u0 * 32).toBeCloseTo(0.5);
    expect(u1 * 32).toBeCloseTo(15.5);
  });

  test('no two tiles overlap', () => {
    const atlas = createTextureAtlas(names(9));
    const corners = names(9).map((tile) => `${atlas.rectOf(tile).u0} ${atlas.rectOf(tile).v0}`);
    expect(new Set(corners).size).toBe(9);
  });

  test('says which tile is missing or named twice', () => {
    expect(() => createTextureAtlas(['a']).indexOf('b')).toThrow('the atlas has no tile b');
    expect(() => createTextureAtlas(['a', 'a'])).toThrow('twice');
  });
});
