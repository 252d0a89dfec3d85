import { describe, expect, test } from 'vitest';
import { UP, ZERO, add, cross, distance, dot, length, lerp, normalize, scale, subtract } from './vec3.ts';
import type { Vec3 } from './vec3.ts';

const a: Vec3 = [1, 2, 3];
const b: Vec3 = [-4, 5, 0.5];

describe('vec3', () => {
  test('adds and subtracts per component', () => {
    expect(add(a, b)).toEqual([-3, 7, 3.5]);
    expect(subtract(add(a, b), b)).toEqual(a);
  });

  test('cross product is perpendicular to both and right-handed', () => {
    const normal = cross(a, b);
    expect(dot(normal, a)).toBeCloseTo(0);
    expect(dot(normal, b)).toBeCloseTo(0);
    expect(cross([1, 0, 0], UP)).toEqual([0, 0, 1]);
  });

  test('measures length and distance', () => {
    expect(length([3, 0, 4])).toBe(5);
    expect(distance(a, add(a, [0, -2, 0]))).toBe(2);
  });

  test('normalizes to length one and leaves zero alone', () => {
    expect(length(normalize(b))).toBeCloseTo(1);
    expect(dot(normalize(b), b)).toBeCloseTo(length(b));
    expect(normalize(ZERO)).toEqual(ZERO);
  });

  test('interpolates between its ends', () => {
    expect(lerp(a, b, 0)).toEqual(a);
    expect(lerp(a, b, 1)).toEqual(b);
    expect(lerp(a, scale(a, 3), 0.5)).toEqual([2, 4, 6]);
  });
});
