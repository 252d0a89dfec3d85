import { PLAYER } from '../constants.ts';
import type { InputMap } from '../input/input-map.ts';
import { add, normalize, scale } from '../math/vec3.ts';
import type { Vec3 } from '../math/vec3.ts';
import { stepBody } from '../physics/move-body.ts';
import type { Body, IsSolid } from '../physics/move-body.ts';
import type { Camera } from '../render/camera.ts';

/** A body with a head to look around with. */
export interface Player {
  readonly body: Body;
  /** As in Camera: 0 is north, to the right is positive. */
  readonly yaw: number;
  readonly pitch: number;
}

export const createPlayer = (position: Vec3): Player => ({
  body: { position, velocity: [0, 0, 0], width: PLAYER.width, height: PLAYER.height, onGround: false },
  yaw: 0,
  pitch: 0,
});

/** The view from the player's eyes. */
export const eyesOf = ({ body, yaw, pitch }: Player): Camera => ({
  position: add(body.position, [0, PLAYER.eyeHeight, 0]),
  yaw,
  pitch,
});

/** One simulation step: walk where the keys say, jump from the ground, fall and collide. */
export function stepPlayer(player: Player, input: InputMap, seconds: number, isSolid: IsSolid): Player {
  const speed = input.isHeld('sprint') ? PLAYER.sprintSpeed : PLAYER.walkSpeed;
  const [x, , z] = scale(walkDirection(player.yaw, input), speed);
  const jumps = player.body.onGround && input.isHeld('jump');
  const y = jumps ? PLAYER.jumpSpeed : player.body.velocity[1];
  return { ...player, body: stepBody({ ...player.body, velocity: [x, y, z] }, seconds, isSolid) };
}

/** Level unit vector, or zero when no key is held or two cancel out. Looking up does not slow a player. */
function walkDirection(yaw: number, input: InputMap): Vec3 {
  const ahead = Number(input.isHeld('forward')) - Number(input.isHeld('back'));
  const aside = Number(input.isHeld('right')) - Number(input.isHeld('left'));
  const forward: Vec3 = [Math.sin(yaw), 0, -Math.cos(yaw)];
  const right: Vec3 = [Math.cos(yaw), 0, Math.sin(yaw)];
  return normalize(add(scale(forward, ahead), scale(right, aside)));
}
