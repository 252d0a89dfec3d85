import { describe, expect, test } from 'vitest';
import type { Vec3 } from '../math/vec3.ts';
import { castRay } from './raycast.ts';

const only =
  (...block: Vec3) =>
  (x: number, y: number, z: number) =>
    x === block[0] && y === block[1] && z === block[2];
const ray = (origin: Vec3, direction: Vec3, maxDistance = 10) => ({ origin, direction, maxDistance });

describe('castRay', () => {
  test('hits the block ahead on the face towards the eye', () => {
    expect(castRay(ray([0.5, 0.5, 0.5], [1, 0, 0]), only(4, 0, 0))).toEqual({
      block: [4, 0, 0],
      normal: [-1, 0, 0],
      distance: 3.5,
      point: [4, 0.5, 0.5],
    });
  });

  test.each<[string, Vec3, Vec3]>([
    ['west', [-1, 0, 0], [1, 0, 0]],
    ['up', [0, 1, 0], [0, -1, 0]],
    ['down', [0, -1, 0], [0, 1, 0]],
    ['south', [0, 0, 1], [0, 0, -1]],
    ['north', [0, 0, -1], [0, 0, 1]],
  ])('knows which face it hits looking %s', (_name, direction, normal) => {
    const block: Vec3 = [direction[0] * 3, direction[1] * 3, direction[2] * 3];
    const hit = castRay(ray([0.5, 0.5, 0.5], direction), only(...block));
    expect(hit?.block.map(Math.abs)).toEqual(block.map(Math.abs));
    hit?.normal.forEach((value, axis) => expect(value).toBeCloseTo(normal[axis] ?? NaN));
  });

  test('stops at its reach', () => {
    expect(castRay(ray([0.5, 0.5, 0.5], [1, 0, 0], 3.4), only(4, 0, 0))).toBeUndefined();
    expect(castRay(ray([0.5, 0.5, 0.5], [1, 0, 0], 3.6), only(4, 0, 0))).toBeDefined();
  });

  test('measures distance whatever the length of the direction', () => {
    expect(castRay(ray([0.5, 0.5, 0.5], [20, 0, 0]), only(4, 0, 0))?.distance).toBe(3.5);
  });

  test('does not slip through a diagonal row of blocks', () => {
    const diagonal = (x: number, y: number, z: number) => x + y + z === 6;
    const hit = castRay(ray([0.1, 0.2, 0.3], [1, 1, 1], 20), diagonal);
    expect(hit?.block.reduce((sum, value) => sum + value)).toBe(6);
  });

  test('visits every cell between its ends once', () => {
    const cells: string[] = [];
    castRay(ray([0.5, 0.5, 0.5], [3, 2, -1], 12), (...cell) => {
      cells.push(cell.join());
      return false;
    });
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.length).toBeGreaterThan(15);
  });

  test('hits the block it starts in at once, with no face', () => {
    expect(castRay(ray([-0.5, 2.5, 0.5], [0, 1, 0]), only(-1, 2, 0))).toMatchObject({
      distance: 0,
      normal: [0, 0, 0],
    });
  });
});
