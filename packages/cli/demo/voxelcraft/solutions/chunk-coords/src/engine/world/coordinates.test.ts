import { expect, test } from 'vitest';
import { CHUNK_HEIGHT, CHUNK_SIZE, CHUNK_VOLUME } from '../constants.ts';
import { blockIndex, chunkKey, chunkPositionOf, isInsideHeight, localCoordinate } from './coordinates.ts';

test('blocks on both sides of a border are in different chunks', () => {
  expect(chunkPositionOf(15, 16)).toEqual({ x: 0, z: 1 });
  expect(chunkPositionOf(-1, -16)).toEqual({ x: -1, z: -1 });
  expect(chunkPositionOf(-17, 15.9)).toEqual({ x: -2, z: 0 });
});

test('chunk and local coordinate together give the block back', () => {
  for (let block = -40; block <= 40; block++) {
    const local = localCoordinate(block);
    expect(local).toBeGreaterThanOrEqual(0);
    expect(chunkPositionOf(block, 0).x * CHUNK_SIZE + local).toBe(block);
  }
});

test('every block of a chunk has an index of its own', () => {
  const seen = new Set<number>();
  for (let y = 0; y < CHUNK_HEIGHT; y++)
    for (let z = 0; z < CHUNK_SIZE; z++) for (let x = 0; x < CHUNK_SIZE; x++) seen.add(blockIndex(x, y, z));
  expect(seen.size).toBe(CHUNK_VOLUME);
  expect(Math.max(...seen)).toBe(CHUNK_VOLUME - 1);
});

test('keys tell chunks apart', () => {
  expect(chunkKey({ x: -1, z: 4 })).toBe('-1,4');
  expect(chunkKey({ x: 1, z: 14 })).not.toBe(chunkKey({ x: 11, z: 4 }));
});

test('height ends below zero and at the top', () => {
  expect([-1, 0, CHUNK_HEIGHT - 1, CHUNK_HEIGHT].map(isInsideHeight)).toEqual([false, true, true, false]);
});
