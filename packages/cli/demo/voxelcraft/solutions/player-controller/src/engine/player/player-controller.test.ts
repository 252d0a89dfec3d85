import { describe, expect, test } from 'vitest';
import { PLAYER } from '../constants.ts';
import { createInputMap } from '../input/input-map.ts';
import type { IsSolid } from '../physics/move-body.ts';
import { createPlayer, eyesOf, stepPlayer } from './player-controller.ts';
import type { Player } from './player-controller.ts';

const floor: IsSolid = (_x, y) => y < 0;
const STEP = 0.05;

function play(player: Player, keys: readonly string[], steps: number, isSolid: IsSolid = floor): Player {
  const input = createInputMap();
  for (const key of keys) input.press(key);
  let current = player;
  for (let step = 0; step < steps; step++) current = stepPlayer(current, input, STEP, isSolid);
  return current;
}

const standing = play(createPlayer([0, 0, 0]), [], 5);

describe('player', () => {
  test('stands still without keys', () => {
    expect(standing.body.onGround).toBe(true);
    expect(play(standing, [], 20).body.position).toEqual(standing.body.position);
  });

  test('walks the way it looks', () => {
    const north = play(standing, ['KeyW'], 20);
    expect(north.body.position[2]).toBeCloseTo(-PLAYER.walkSpeed);
    const east = play({ ...standing, yaw: Math.PI / 2 }, ['KeyW'], 20);
    expect(east.body.position[0]).toBeCloseTo(PLAYER.walkSpeed);
    expect(play(standing, ['KeyD'], 20).body.position[0]).toBeCloseTo(PLAYER.walkSpeed);
  });

  test('is no faster along a diagonal, and faster sprinting', () => {
    const travelled = (keys: string[]) => {
      const [x, , z] = play(standing, keys, 20).body.position;
      return Math.hypot(x, z);
    };
    expect(travelled(['KeyW', 'KeyA'])).toBeCloseTo(PLAYER.walkSpeed);
    expect(travelled(['KeyW', 'ShiftLeft'])).toBeCloseTo(PLAYER.sprintSpeed);
    expect(travelled(['KeyW', 'KeyS'])).toBe(0);
  });

  test('looking at the sky does not slow it down', () => {
    expect(play({ ...standing, pitch: 1.5 }, ['KeyW'], 20).body.position[2]).toBeCloseTo(-PLAYER.walkSpeed);
  });

  test('jumps onto one block but not onto two', () => {
    const step =
      (height: number): IsSolid =>
      (x, y, z) =>
        floor(x, y, z) || (z < -2 && y < height);
    expect(play(standing, ['KeyW', 'Space'], 60, step(1)).body.position[2]).toBeLessThan(-3);
    expect(play(standing, ['KeyW', 'Space'], 60, step(2)).body.position[2]).toBeGreaterThan(-2);
  });

  test('cannot jump in the air', () => {
    const falling = createPlayer([0, 30, 0]);
    expect(stepPlayer(falling, pressed('Space'), STEP, floor).body.velocity[1]).toBeLessThan(0);
  });

  test('sees from its eyes', () => {
    expect(eyesOf({ ...standing, yaw: 1, pitch: 0.5 })).toEqual({
      position: [0, expect.closeTo(PLAYER.eyeHeight, 4), 0],
      yaw: 1,
      pitch: 0.5,
    });
  });
});

function pressed(key: string) {
  const input = createInputMap();
  input.press(key);
  return input;
}
