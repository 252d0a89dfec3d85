import { cross, dot, normalize, subtract } from './vec3.ts';
import type { Vec3 } from './vec3.ts';

/** Sixteen numbers in column order, as WebGL uploads them: element (row, column) is at `column * 4 + row`. */
export type Mat4 = readonly number[];

export const IDENTITY: Mat4 = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** The element at a row and a column, both counted from 0. */
export const elementAt = (m: Mat4, row: number, column: number): number => m[column * 4 + row] ?? 0;

/** Applies `b` first, then `a`. */
export function multiply(a: Mat4, b: Mat4): Mat4 {
  return Array.from({ length: 16 }, (_, index) => {
    const row = index % 4;
    const column = (index - row) / 4;
    let sum = 0;
    for (let k = 0; k < 4; k++) sum += elementAt(a, row, k) * elementAt(b, k, column);
    return sum;
  });
}

export const translation = ([x, y, z]: Vec3): Mat4 => [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, x, y, z, 1];

export interface Lens {
  /** Vertical field of view in radians. */
  readonly fieldOfView: number;
  /** Width divided by height. */
  readonly aspect: number;
  readonly near: number;
  readonly far: number;
}

/** Maps the view volume to WebGL's cube: `near` to depth -1, `far` to depth 1. */
export function perspective({ fieldOfView, aspect, near, far }: Lens): Mat4 {
  const f = 1 / Math.tan(fieldOfView / 2);
  const depth = near - far;
  return [f / aspect, 0, 0, 0, 0, f, 0, 0, 0, 0, (far + near) / depth, -1, 0, 0, (2 * far * near) / depth, 0];
}

/** The view matrix of an eye looking at a target; the view looks along its own -z. */
export function lookAt(eye: Vec3, target: Vec3, up: Vec3): Mat4 {
  const back = normalize(subtract(eye, target));
  const right = normalize(cross(up, back));
  const above = cross(back, right);
  return [
    ...[right[0], above[0], back[0], 0],
    ...[right[1], above[1], back[1], 0],
    ...[right[2], above[2], back[2], 0],
    ...[-dot(right, eye), -dot(above, eye), -dot(back, eye), 1],
  ];
}

/** Transforms a point and divides by w, so a projection ends in clip space. */
export function transformPoint(m: Mat4, [x, y, z]: Vec3): Vec3 {
  const row = (r: number) =>
    elementAt(m, r, 0) * x + elementAt(m, r, 1) * y + elementAt(m, r, 2) * z + elementAt(m, r, 3);
  const w = row(3);
  return [row(0) / w, row(1) / w, row(2) / w];
}
