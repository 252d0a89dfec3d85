import { describe, expect, test } from 'vitest';
import { IDENTITY, lookAt, multiply, perspective, transformPoint, translation } from './mat4.ts';
import type { Vec3 } from './vec3.ts';

function expectClose(actual: Vec3, expected: Vec3): void {
  actual.forEach((value, axis) => expect(value).toBeCloseTo(expected[axis] ?? NaN, 5));
}

describe('mat4', () => {
  test('identity changes nothing', () => {
    const move = translation([1, 2, 3]);
    expect(multiply(IDENTITY, move)).toEqual(move);
    expect(multiply(move, IDENTITY)).toEqual(move);
  });

  test('multiplication applies the right factor first', () => {
    const lens = perspective({ fieldOfView: Math.PI / 2, aspect: 1, near: 1, far: 10 });
    const moved = transformPoint(multiply(lens, translation([0, 0, -4])), [2, 0, 0]);
    expectClose(moved, transformPoint(lens, [2, 0, -4]));
  });

  test('translation moves points', () => {
    expect(transformPoint(translation([1, -2, 3]), [10, 10, 10])).toEqual([11, 8, 13]);
  });

  test('perspective maps the near and far plane to the ends of the depth range', () => {
    const lens = perspective({ fieldOfView: 1.2, aspect: 16 / 9, near: 0.1, far: 200 });
    expectClose(transformPoint(lens, [0, 0, -0.1]), [0, 0, -1]);
    expectClose(transformPoint(lens, [0, 0, -200]), [0, 0, 1]);
  });

  test('perspective puts the edge of the field of view on the edge of the screen', () => {
    const lens = perspective({ fieldOfView: Math.PI / 2, aspect: 2, near: 0.1, far: 100 });
    expect(transformPoint(lens, [0, 5, -5])[1]).toBeCloseTo(1);
    expect(transformPoint(lens, [10, 0, -5])[0]).toBeCloseTo(1);
  });

  test('lookAt puts the eye at the origin and the target straight ahead', () => {
    const view = lookAt([3, 4, 5], [3, 4, -2], [0, 1, 0]);
    expectClose(transformPoint(view, [3, 4, 5]), [0, 0, 0]);
    expectClose(transformPoint(view, [3, 4, -2]), [0, 0, -7]);
    expectClose(transformPoint(view, [4, 5, 5]), [1, 1, 0]);
  });
});
