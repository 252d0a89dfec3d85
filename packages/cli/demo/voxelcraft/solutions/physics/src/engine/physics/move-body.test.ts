import { describe, expect, test } from 'vitest';
import { TERMINAL_SPEED } from '../constants.ts';
import { moveBox, stepBody } from './move-body.ts';
import type { Body, IsSolid } from './move-body.ts';

const floor: IsSolid = (_x, y) => y < 0;
const floorAndWall: IsSolid = (x, y, z) => floor(x, y, z) || x >= 3;
const body: Body = { position: [0.5, 5, 0.5], velocity: [0, 0, 0], width: 0.6, height: 1.8, onGround: false };

function run(start: Body, seconds: number, isSolid: IsSolid): Body {
  let moving = start;
  for (let time = 0; time < seconds; time += 0.05) moving = stepBody(moving, 0.05, isSolid);
  return moving;
}

describe('stepBody', () => {
  test('a body falls to the floor and stays there', () => {
    const landed = run(body, 3, floor);
    expect(landed.position[1]).toBeCloseTo(0, 4);
    expect(landed.position[1]).toBeGreaterThanOrEqual(0);
    expect(landed.onGround).toBe(true);
    expect(landed.velocity[1]).toBe(0);
  });

  test('a body in the air is not on the ground', () => {
    expect(stepBody(body, 0.05, floor).onGround).toBe(false);
  });

  test('a wall stops a body along one axis and lets it slide along the other', () => {
    const walking: Body = { ...body, position: [0.5, 0, 0.5], velocity: [10, 0, 2] };
    const stopped = run(walking, 1, floorAndWall);
    expect(stopped.position[0]).toBeCloseTo(2.7, 4);
    expect(stopped.position[2]).toBeGreaterThan(2);
    expect(stopped.velocity[0]).toBe(0);
    expect(stopped.velocity[2]).toBe(2);
  });

  test('a ceiling ends a jump', () => {
    const low: IsSolid = (x, y, z) => floor(x, y, z) || y === 2;
    const jumping = stepBody({ ...body, position: [0.5, 0, 0.5], velocity: [0, 9, 0] }, 0.1, low);
    expect(jumping.position[1]).toBeCloseTo(0.2, 4);
    expect(jumping.velocity[1]).toBe(0);
    expect(jumping.onGround).toBe(false);
  });

  test('nothing falls faster than the terminal speed', () => {
    expect(run(body, 10, () => false).velocity[1]).toBe(-TERMINAL_SPEED);
  });
});

describe('moveBox', () => {
  test('no speed passes through a wall', () => {
    const box = { min: [0, 0, 0], max: [0.6, 1.8, 0.6] } as const;
    expect(moveBox(box, [100, 0, 0], floorAndWall)[0]).toBeCloseTo(2.4, 4);
  });

  test('a body inside a block may leave it', () => {
    const inside = { min: [3.2, 0.1, 0], max: [3.8, 1.9, 0.6] } as const;
    const onlyThatBlock: IsSolid = (x, y, z) => x === 3 && z === 0 && (y === 0 || y === 1);
    expect(moveBox(inside, [-1, 0, 0], onlyThatBlock)[0]).toBe(-1);
  });
});
