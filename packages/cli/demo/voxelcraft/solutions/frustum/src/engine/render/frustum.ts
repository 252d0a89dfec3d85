import { elementAt } from '../math/mat4.ts';
import type { Mat4 } from '../math/mat4.ts';
import type { Aabb } from '../physics/aabb.ts';

/** Points with a·x + b·y + c·z + d ≥ 0 are on the inner side. */
type Plane = readonly [a: number, b: number, c: number, d: number];

/** The volume a camera sees: left, right, bottom, top, near and far plane. */
export type Frustum = readonly Plane[];

/** Reads the planes off a view-projection matrix (Gribb and Hartmann). */
export function frustumOf(viewProjection: Mat4): Frustum {
  const plane = (row: number, sign: number): Plane => {
    const at = (column: number) =>
      elementAt(viewProjection, 3, column) + sign * elementAt(viewProjection, row, column);
    return [at(0), at(1), at(2), at(3)];
  };
  return [0, 1, 2].flatMap((row) => [plane(row, 1), plane(row, -1)]);
}

/** Whether any of a box may be seen. A box near a corner may pass although it is just outside. */
export function isBoxVisible(frustum: Frustum, { min, max }: Aabb): boolean {
  return frustum.every(([a, b, c, d]) => {
    // The corner furthest along the plane's normal: if even that is outside, all of the box is.
    const x = a > 0 ? max[0] : min[0];
    const y = b > 0 ? max[1] : min[1];
    const z = c > 0 ? max[2] : min[2];
    return a * x + b * y + c * z + d >= 0;
  });
}
