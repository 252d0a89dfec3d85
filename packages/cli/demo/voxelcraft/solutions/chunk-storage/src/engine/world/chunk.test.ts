import { describe, expect, test } from 'vitest';
import { AIR, CHUNK_HEIGHT, CHUNK_VOLUME } from '../constants.ts';
import { Chunk } from './chunk.ts';
import { blockIndex } from './coordinates.ts';

const origin = { x: 0, z: 0 };

describe('Chunk', () => {
  test('starts as air', () => {
    const chunk = new Chunk(origin);
    expect(chunk.isEmpty).toBe(true);
    expect(chunk.get(15, CHUNK_HEIGHT - 1, 15)).toBe(AIR);
  });

  test('keeps each block where it was put', () => {
    const chunk = new Chunk(origin);
    chunk.set(0, 0, 0, 1);
    chunk.set(15, CHUNK_HEIGHT - 1, 15, 2);
    chunk.set(3, 20, 7, 3);
    expect([chunk.get(0, 0, 0), chunk.get(15, CHUNK_HEIGHT - 1, 15), chunk.get(3, 20, 7)]).toEqual([1, 2, 3]);
    expect(chunk.get(7, 20, 3)).toBe(AIR);
  });

  test('counts a revision only for a real change', () => {
    const chunk = new Chunk(origin);
    expect(chunk.set(1, 1, 1, 5)).toBe(true);
    expect(chunk.set(1, 1, 1, 5)).toBe(false);
    expect(chunk.revision).toBe(1);
  });

  test('is empty again once the last block is removed', () => {
    const chunk = new Chunk(origin);
    chunk.set(1, 1, 1, 5);
    chunk.set(1, 1, 1, 6);
    expect(chunk.isEmpty).toBe(false);
    chunk.set(1, 1, 1, AIR);
    expect(chunk.isEmpty).toBe(true);
  });

  test('is air above and below and cannot be written there', () => {
    const chunk = new Chunk(origin);
    for (const y of [-1, CHUNK_HEIGHT]) {
      expect(chunk.set(0, y, 0, 1)).toBe(false);
      expect(chunk.get(0, y, 0)).toBe(AIR);
    }
    expect(chunk.revision).toBe(0);
  });

  test('can be made from stored bytes', () => {
    const bytes = new Uint8Array(CHUNK_VOLUME);
    bytes[blockIndex(2, 3, 4)] = 9;
    const chunk = new Chunk(origin, bytes);
    expect(chunk.get(2, 3, 4)).toBe(9);
    expect(chunk.isEmpty).toBe(false);
    expect(() => new Chunk(origin, new Uint8Array(3))).toThrow(RangeError);
  });
});
