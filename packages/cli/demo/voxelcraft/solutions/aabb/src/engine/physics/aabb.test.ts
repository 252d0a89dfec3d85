import { describe, expect, test } from 'vitest';
import { blockBox, boxAt, intersects, sweep, translateBox } from './aabb.ts';

describe('aabb', () => {
  test('a body stands centred on its feet', () => {
    expect(boxAt([2, 5, -1], 1, 2)).toEqual({ min: [1.5, 5, -1.5], max: [2.5, 7, -0.5] });
  });

  test('overlapping boxes intersect, in either order', () => {
    const body = boxAt([0.5, 0.5, 0.5], 0.6, 1.8);
    expect(intersects(body, blockBox(0, 0, 0))).toBe(true);
    expect(intersects(blockBox(0, 0, 0), body)).toBe(true);
  });

  test('boxes apart on one axis do not intersect', () => {
    for (const offset of [
      [2, 0, 0],
      [0, -2, 0],
      [0, 0, 2],
    ] as const) {
      expect(intersects(blockBox(0, 0, 0), translateBox(blockBox(0, 0, 0), offset))).toBe(false);
    }
  });

  test('a body resting on a block does not intersect it', () => {
    expect(intersects(boxAt([0.5, 1, 0.5], 0.6, 1.8), blockBox(0, 0, 0))).toBe(false);
    expect(intersects(blockBox(1, 0, 0), blockBox(0, 0, 0))).toBe(false);
  });

  test('a sweep covers the box at both ends of its way', () => {
    const box = blockBox(0, 0, 0);
    expect(sweep(box, [2, -3, 0])).toEqual({ min: [0, -3, 0], max: [3, 1, 1] });
    expect(sweep(box, [0, 0, 0])).toEqual(box);
  });
});
