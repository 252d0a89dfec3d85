import { add } from '../math/vec3.ts';
import type { Vec3 } from '../math/vec3.ts';

/** A box with sides along the axes; `min` is never greater than `max` on any axis. */
export interface Aabb {
  readonly min: Vec3;
  readonly max: Vec3;
}

/** The box of a body whose feet are centred on a point. */
export function boxAt([x, y, z]: Vec3, width: number, height: number): Aabb {
  const half = width / 2;
  return { min: [x - half, y, z - half], max: [x + half, y + height, z + half] };
}

/** The unit cube a block fills. */
export const blockBox = (x: number, y: number, z: number): Aabb => ({
  min: [x, y, z],
  max: [x + 1, y + 1, z + 1],
});

export const translateBox = (box: Aabb, offset: Vec3): Aabb => ({
  min: add(box.min, offset),
  max: add(box.max, offset),
});

/** Boxes that only touch do not intersect: a body may rest on the ground and against a wall. */
export function intersects(a: Aabb, b: Aabb): boolean {
  return (
    a.min[0] < b.max[0] &&
    a.max[0] > b.min[0] &&
    a.min[1] < b.max[1] &&
    a.max[1] > b.min[1] &&
    a.min[2] < b.max[2] &&
    a.max[2] > b.min[2]
  );
}

/** The box that covers a moving box from start to end: where to look for obstacles. */
export function sweep(box: Aabb, motion: Vec3): Aabb {
  const [x, y, z] = motion;
  return {
    min: add(box.min, [Math.min(x, 0), Math.min(y, 0), Math.min(z, 0)]),
    max: add(box.max, [Math.max(x, 0), Math.max(y, 0), Math.max(z, 0)]),
  };
}
