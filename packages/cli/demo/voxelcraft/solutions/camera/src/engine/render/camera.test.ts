import { expect, test } from 'vitest';
import { transformPoint } from '../math/mat4.ts';
import { length } from '../math/vec3.ts';
import { MAX_PITCH, turn, viewDirection, viewMatrix, viewProjection } from './camera.ts';
import type { Camera } from './camera.ts';

const camera: Camera = { position: [10, 20, 30], yaw: 0, pitch: 0 };
const lens = { fieldOfView: 1.2, aspect: 1.5, near: 0.1, far: 100 };

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, axis) => expect(value).toBeCloseTo(expected[axis] ?? NaN, 5));
}

test('looks north, and east after a quarter turn to the right', () => {
  expectClose(viewDirection(camera), [0, 0, -1]);
  expectClose(viewDirection(turn(camera, Math.PI / 2, 0)), [1, 0, 0]);
  expect(viewDirection(turn(camera, 0, 0.3))[1]).toBeGreaterThan(0);
});

test('the view direction always has length one', () => {
  for (const pitch of [-1.5, -0.4, 0.9]) expect(length(viewDirection(turn(camera, 2, pitch)))).toBeCloseTo(1);
});

test('yaw wraps and pitch stops short of straight up and down', () => {
  expect(turn(camera, -0.5, 0).yaw).toBeCloseTo(2 * Math.PI - 0.5);
  expect(turn(camera, 7 * Math.PI, 0).yaw).toBeCloseTo(Math.PI);
  expect(turn(camera, 0, 9).pitch).toBe(MAX_PITCH);
  expect(turn(camera, 0, -9).pitch).toBe(-MAX_PITCH);
});

test('what is ahead lies on the view axis', () => {
  expectClose(transformPoint(viewMatrix(camera), [10, 20, 25]), [0, 0, -5]);
});

test('what is ahead is in the middle of the screen, what is to the right on its right', () => {
  const [x, y, depth] = transformPoint(viewProjection(camera, lens), [10, 20, 10]);
  expectClose([x, y], [0, 0]);
  expect(Math.abs(depth)).toBeLessThan(1);
  expect(transformPoint(viewProjection(camera, lens), [12, 21, 10])[0]).toBeGreaterThan(0);
  expect(transformPoint(viewProjection(camera, lens), [12, 21, 10])[1]).toBeGreaterThan(0);
});
