import { describe, expect, test } from 'vitest';
import type { Vec3 } from '../math/vec3.ts';
import { viewProjection } from './camera.ts';
import { frustumOf } from './frustum.ts';
import { chunkBox, chunksAround, visibleChunks } from './visible-chunks.ts';

const eye: Vec3 = [8, 40, 8];
const lens = { fieldOfView: 1.2, aspect: 1.5, near: 0.1, far: 1000 };
const looking = (yaw: number) => frustumOf(viewProjection({ position: eye, yaw, pitch: 0 }, lens));

describe('chunksAround', () => {
  test('starts with the chunk of the eye and goes outwards', () => {
    const positions = chunksAround([-1, 0, 17], 2);
    expect(positions[0]).toEqual({ x: -1, z: 1 });
    const distances = positions.map(({ x, z }) => Math.hypot(x + 1, z - 1));
    expect(distances).toEqual([...distances].sort((a, b) => a - b));
  });

  test('is a disc, not a square', () => {
    expect(chunksAround(eye, 0)).toHaveLength(1);
    expect(chunksAround(eye, 1)).toHaveLength(5);
    expect(chunksAround(eye, 2)).toHaveLength(13);
  });
});

describe('visibleChunks', () => {
  test('leaves out what is behind the eye', () => {
    const north = visibleChunks(looking(0), eye, 6);
    expect(north).toContainEqual({ x: 0, z: -5 });
    expect(north).not.toContainEqual({ x: 0, z: 5 });
    expect(visibleChunks(looking(Math.PI), eye, 6)).toContainEqual({ x: 0, z: 5 });
  });

  test('always shows the chunk the eye is in', () => {
    for (const yaw of [0, 1, 2, 3, 4, 5])
      expect(visibleChunks(looking(yaw), eye, 3)[0]).toEqual({ x: 0, z: 0 });
  });

  test('culls a good part of the world', () => {
    expect(visibleChunks(looking(0.4), eye, 8).length).toBeLessThan(chunksAround(eye, 8).length / 2);
  });
});

test('chunk boxes touch but do not overlap', () => {
  expect(chunkBox({ x: -1, z: 0 }).max[0]).toBe(chunkBox({ x: 0, z: 0 }).min[0]);
});
