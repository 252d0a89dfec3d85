import { add, normalize, scale } from '../math/vec3.ts';
import type { Vec3 } from '../math/vec3.ts';

export interface RayHit {
  /** Whole coordinates of the block. */
  readonly block: Vec3;
  /** Out of the face that was hit; zero when the ray starts inside the block. */
  readonly normal: Vec3;
  readonly distance: number;
  readonly point: Vec3;
}

export interface Ray {
  readonly origin: Vec3;
  /** Of any length but zero. */
  readonly direction: Vec3;
  readonly maxDistance: number;
}

interface AxisWalk {
  cell: number;
  /** Distance at which the ray enters the next cell. */
  next: number;
  /** Distance between two borders. */
  readonly stride: number;
  readonly step: -1 | 1;
}

/**
 * The first block along a ray for which `isHit` holds. Walks from cell to cell (Amanatides and Woo),
 * so it misses none, not even one that is only grazed.
 */
export function castRay(ray: Ray, isHit: (x: number, y: number, z: number) => boolean): RayHit | undefined {
  const direction = normalize(ray.direction);
  const walks = ([0, 1, 2] as const).map((axis) => walkAlong(ray.origin[axis], direction[axis]));
  const [x, y, z] = walks as [AxisWalk, AxisWalk, AxisWalk];
  let normal: Vec3 = [0, 0, 0];
  let distance = 0;
  while (distance <= ray.maxDistance) {
    if (isHit(x.cell, y.cell, z.cell)) {
      const point = add(ray.origin, scale(direction, distance));
      return { block: [x.cell, y.cell, z.cell], normal, distance, point };
    }
    const nearest = x.next < y.next ? (x.next < z.next ? x : z) : y.next < z.next ? y : z;
    distance = nearest.next;
    nearest.cell += nearest.step;
    nearest.next += nearest.stride;
    normal = [x, y, z].map((walk) => (walk === nearest ? -walk.step : 0)) as [number, number, number];
  }
  return undefined;
}

function walkAlong(origin: number, direction: number): AxisWalk {
  const cell = Math.floor(origin);
  if (direction === 0) return { cell, next: Infinity, stride: Infinity, step: 1 };
  const stride = Math.abs(1 / direction);
  const toBorder = direction > 0 ? cell + 1 - origin : origin - cell;
  return { cell, next: toBorder * stride, stride, step: direction > 0 ? 1 : -1 };
}
