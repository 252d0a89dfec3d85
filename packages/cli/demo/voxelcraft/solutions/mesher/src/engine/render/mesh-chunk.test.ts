import { describe, expect, test } from 'vitest';
import { AIR, CHUNK_HEIGHT, CHUNK_SIZE } from '../constants.ts';
import { createRandom } from '../noise/random.ts';
import { Chunk } from '../world/chunk.ts';
import { meshChunk } from './mesh-chunk.ts';
import type { Face, Quad } from './mesh-chunk.ts';

const STONE = 1;
const WATER = 5;
const isOpaque = (id: number) => id === STONE || id === 2;
const isInside = (x: number, z: number) => x >= 0 && z >= 0 && x < CHUNK_SIZE && z < CHUNK_SIZE;

function mesh(chunk: Chunk, outside = AIR): Quad[] {
  return meshChunk({ blockAt: (x, y, z) => (isInside(x, z) ? chunk.get(x, y, z) : outside), isOpaque });
}

const area = (quads: readonly Quad[]) => quads.reduce((sum, { width, height }) => sum + width * height, 0);
const facing = (quads: readonly Quad[], face: Face) => quads.filter((quad) => quad.face === face);

describe('meshChunk', () => {
  test('air has no faces', () => {
    expect(mesh(new Chunk({ x: 0, z: 0 }))).toEqual([]);
  });

  test('a single block has six', () => {
    const chunk = new Chunk({ x: 0, z: 0 });
    chunk.set(3, 4, 5, STONE);
    const quads = mesh(chunk);
    expect(quads.map(({ face }) => face).sort()).toEqual(['bottom', 'east', 'north', 'south', 'top', 'west']);
    for (const quad of quads)
      expect(quad).toMatchObject({ origin: [3, 4, 5], width: 1, height: 1, blockId: STONE });
  });

  test('a floor is one rectangle above and one below', () => {
    const chunk = new Chunk({ x: 0, z: 0 });
    for (let x = 0; x < CHUNK_SIZE; x++) for (let z = 0; z < CHUNK_SIZE; z++) chunk.set(x, 0, z, STONE);
    const quads = mesh(chunk);
    expect(quads).toHaveLength(6);
    expect(facing(quads, 'top')).toEqual([
      { face: 'top', blockId: STONE, origin: [0, 0, 0], width: CHUNK_SIZE, height: CHUNK_SIZE },
    ]);
  });

  test('different blocks are not merged', () => {
    const chunk = new Chunk({ x: 0, z: 0 });
    chunk.set(0, 0, 0, STONE);
    chunk.set(1, 0, 0, 2);
    expect(facing(mesh(chunk), 'top').map(({ blockId }) => blockId)).toEqual([STONE, 2]);
  });

  test('water shows towards air but not towards water, and stone shows through it', () => {
    const chunk = new Chunk({ x: 0, z: 0 });
    chunk.set(0, 0, 0, STONE);
    chunk.set(0, 1, 0, WATER);
    chunk.set(0, 2, 0, WATER);
    const top = facing(mesh(chunk), 'top');
    expect(top.map(({ blockId, origin }) => [blockId, origin[1]])).toEqual([
      [STONE, 0],
      [WATER, 2],
    ]);
  });

  test('faces against an opaque neighbouring chunk are left out', () => {
    const chunk = new Chunk({ x: 0, z: 0 });
    chunk.set(0, 0, 0, STONE);
    expect(facing(mesh(chunk, STONE), 'west')).toEqual([]);
    expect(facing(mesh(chunk, AIR), 'west')).toHaveLength(1);
  });

  test('covers exactly the visible faces of any chunk', () => {
    const random = createRandom(11);
    const chunk = new Chunk({ x: 0, z: 0 });
    for (let i = 0; i < 4000; i++) {
      const at = () => Math.floor(random() * CHUNK_SIZE);
      chunk.set(at(), Math.floor(random() * CHUNK_HEIGHT), at(), 1 + Math.floor(random() * 2));
    }
    let visible = 0;
    for (let y = 0; y < CHUNK_HEIGHT; y++) {
      for (let z = 0; z < CHUNK_SIZE; z++) {
        for (let x = 0; x < CHUNK_SIZE; x++) {
          if (chunk.get(x, y, z) === AIR) continue;
          for (const [dx, dy, dz] of [
            [1, 0, 0],
            [-1, 0, 0],
            [0, 1, 0],
            [0, -1, 0],
            [0, 0, 1],
            [0, 0, -1],
          ] as const) {
            const hidden = isInside(x + dx, z + dz) && isOpaque(chunk.get(x + dx, y + dy, z + dz));
            if (!hidden) visible++;
          }
        }
      }
    }
    expect(area(mesh(chunk))).toBe(visible);
  });
});
