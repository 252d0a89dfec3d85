import { GRAVITY, TERMINAL_SPEED } from '../constants.ts';
import { add, scale } from '../math/vec3.ts';
import type { Vec3 } from '../math/vec3.ts';
import { boxAt, intersects, sweep, translateBox } from './aabb.ts';
import type { Aabb } from './aabb.ts';

/** Whether the block at whole coordinates stops a body. */
export type IsSolid = (x: number, y: number, z: number) => boolean;

export interface Body {
  /** Centre of the feet. */
  readonly position: Vec3;
  /** Blocks per second. */
  readonly velocity: Vec3;
  readonly width: number;
  readonly height: number;
  readonly onGround: boolean;
}

/** Kept between a body and what stops it, so rounding never puts it inside. */
const SKIN = 1e-6;

/** Vertical first, so that walking off an edge does not catch on it. */
const AXES = [1, 0, 2] as const;

/** Moves a body by its velocity and gravity; what it hits takes away its speed along that axis only. */
export function stepBody(body: Body, seconds: number, isSolid: IsSolid): Body {
  const [vx, vy, vz] = body.velocity;
  const velocity: Vec3 = [vx, Math.max(-TERMINAL_SPEED, vy - GRAVITY * seconds), vz];
  const wanted = scale(velocity, seconds);
  const moved = moveBox(boxAt(body.position, body.width, body.height), wanted, isSolid);
  const keep = (axis: 0 | 1 | 2) => (moved[axis] === wanted[axis] ? velocity[axis] : 0);
  return {
    ...body,
    position: add(body.position, moved),
    velocity: [keep(0), keep(1), keep(2)],
    onGround: wanted[1] < 0 && moved[1] !== wanted[1],
  };
}

/** How far a box gets, axis by axis; along the whole way, so no speed passes through a wall. */
export function moveBox(start: Aabb, motion: Vec3, isSolid: IsSolid): Vec3 {
  const moved: [number, number, number] = [0, 0, 0];
  let box = start;
  for (const axis of AXES) {
    const step: [number, number, number] = [0, 0, 0];
    step[axis] = motion[axis];
    step[axis] = limitStep(box, step, axis, isSolid);
    box = translateBox(box, step);
    moved[axis] = step[axis];
  }
  return moved;
}

/** The part of a step along one axis that no solid block is in the way of. */
function limitStep(box: Aabb, step: Vec3, axis: 0 | 1 | 2, isSolid: IsSolid): number {
  let allowed = step[axis];
  for (const block of blocksIn(sweep(box, step), isSolid)) {
    // A body that is already inside a block, because it was placed there, may leave it.
    if (intersects(block, box)) continue;
    if (step[axis] > 0) allowed = Math.min(allowed, Math.max(0, block.min[axis] - box.max[axis] - SKIN));
    else allowed = Math.max(allowed, Math.min(0, block.max[axis] - box.min[axis] + SKIN));
  }
  return allowed;
}

function* blocksIn(region: Aabb, isSolid: IsSolid): Generator<Aabb> {
  const [x0, y0, z0] = region.min.map(Math.floor) as [number, number, number];
  const [x1, y1, z1] = region.max.map((value) => Math.ceil(value)) as [number, number, number];
  for (let y = y0; y < y1; y++) {
    for (let z = z0; z < z1; z++) {
      for (let x = x0; x < x1; x++) {
        if (isSolid(x, y, z)) yield { min: [x, y, z], max: [x + 1, y + 1, z + 1] };
      }
    }
  }
}
