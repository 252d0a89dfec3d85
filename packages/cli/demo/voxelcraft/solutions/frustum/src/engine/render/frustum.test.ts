import { describe, expect, test } from 'vitest';
import { lookAt, multiply, perspective } from '../math/mat4.ts';
import { blockBox } from '../physics/aabb.ts';
import { frustumOf, isBoxVisible } from './frustum.ts';

/** An eye at the origin that looks north with a right angle of view, up to 50 blocks far. */
const frustum = frustumOf(
  multiply(
    perspective({ fieldOfView: Math.PI / 2, aspect: 1, near: 0.1, far: 50 }),
    lookAt([0, 0, 0], [0, 0, -1], [0, 1, 0]),
  ),
);

describe('frustum', () => {
  test('shows what is ahead and hides what is behind', () => {
    expect(isBoxVisible(frustum, blockBox(0, 0, -10))).toBe(true);
    expect(isBoxVisible(frustum, blockBox(0, 0, 10))).toBe(false);
  });

  test('hides what is beyond the far plane', () => {
    expect(isBoxVisible(frustum, blockBox(0, 0, -49))).toBe(true);
    expect(isBoxVisible(frustum, blockBox(0, 0, -52))).toBe(false);
  });

  test('ends at the sides of the field of view', () => {
    expect(isBoxVisible(frustum, blockBox(8, 0, -10))).toBe(true);
    expect(isBoxVisible(frustum, blockBox(11, 0, -10))).toBe(false);
    expect(isBoxVisible(frustum, blockBox(0, -12, -10))).toBe(false);
  });

  test('shows a box that reaches in from outside or surrounds the eye', () => {
    expect(isBoxVisible(frustum, { min: [-500, -1, -6], max: [500, 1, -5] })).toBe(true);
    expect(isBoxVisible(frustum, { min: [-1, -1, -1], max: [1, 1, 1] })).toBe(true);
  });
});
