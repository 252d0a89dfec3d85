import { expect, test } from 'vitest';
import * as constants from './constants.ts';

test('a chunk holds as many blocks as its sides say', () => {
  expect(constants.CHUNK_VOLUME).toBe(16 * 16 * 64);
});

test('chunk sides are powers of two, so coordinates split by masks', () => {
  for (const side of [constants.CHUNK_SIZE, constants.CHUNK_HEIGHT]) {
    expect(side & (side - 1)).toBe(0);
  }
});

test('the sea leaves room for land above and below', () => {
  expect(constants.SEA_LEVEL).toBeGreaterThan(8);
  expect(constants.SEA_LEVEL).toBeLessThan(constants.CHUNK_HEIGHT - 16);
});

test('a jump clears one block but not two', () => {
  const apex = constants.PLAYER.jumpSpeed ** 2 / (2 * constants.GRAVITY);
  expect(apex).toBeGreaterThan(1);
  expect(apex).toBeLessThan(2);
});

test('the eyes are inside the head', () => {
  expect(constants.PLAYER.eyeHeight).toBeLessThan(constants.PLAYER.height);
});
