import { lookAt, multiply, perspective } from '../math/mat4.ts';
import type { Lens, Mat4 } from '../math/mat4.ts';
import { UP, add } from '../math/vec3.ts';
import type { Vec3 } from '../math/vec3.ts';

/** Where the eye is and where it looks. Angles are in radians. */
export interface Camera {
  readonly position: Vec3;
  /** 0 looks north (-z), a quarter turn to the right looks east (+x). */
  readonly yaw: number;
  /** Positive looks up. */
  readonly pitch: number;
}

/** Just short of straight up, where left and right would lose their meaning. */
export const MAX_PITCH = Math.PI / 2 - 0.01;

const TURN = 2 * Math.PI;

/** Turns right by `yaw` and up by `pitch`. */
export function turn(camera: Camera, yaw: number, pitch: number): Camera {
  return {
    ...camera,
    yaw: (((camera.yaw + yaw) % TURN) + TURN) % TURN,
    pitch: Math.min(MAX_PITCH, Math.max(-MAX_PITCH, camera.pitch + pitch)),
  };
}

/** Unit vector along the view. */
export function viewDirection({ yaw, pitch }: Camera): Vec3 {
  const level = Math.cos(pitch);
  return [Math.sin(yaw) * level, Math.sin(pitch), -Math.cos(yaw) * level];
}

export const viewMatrix = (camera: Camera): Mat4 =>
  lookAt(camera.position, add(camera.position, viewDirection(camera)), UP);

/** Maps world coordinates to clip space. */
export const viewProjection = (camera: Camera, lens: Lens): Mat4 =>
  multiply(perspective(lens), viewMatrix(camera));
