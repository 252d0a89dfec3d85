import { describe, expect, test } from 'vitest';
import { BLOCKS } from '../blocks/all-blocks.ts';
import { AIR, CHUNK_SIZE, SEA_LEVEL } from '../constants.ts';
import { createTerrain } from './generate-chunk.ts';

const terrain = createTerrain(42, BLOCKS);
const idOf = (name: string) => BLOCKS.byName(name).id;

/** Columns of the world around the origin, 32 blocks each way. */
const columns = Array.from({ length: 64 * 64 }, (_, i) => ({ x: (i % 64) - 32, z: Math.floor(i / 64) - 32 }));

describe('terrain', () => {
  test('depends on seed and position only', () => {
    const again = createTerrain(42, BLOCKS);
    again.generate({ x: 9, z: 9 });
    expect(again.generate({ x: -2, z: 3 }).bytes).toEqual(terrain.generate({ x: -2, z: 3 }).bytes);
    expect(createTerrain(43, BLOCKS).generate({ x: -2, z: 3 }).bytes).not.toEqual(
      terrain.generate({ x: -2, z: 3 }).bytes,
    );
  });

  test('has hills, and no cliffs between neighbouring columns', () => {
    const heights = columns.map(({ x, z }) => terrain.groundAt(x, z));
    expect(Math.max(...heights) - Math.min(...heights)).toBeGreaterThan(8);
    for (const { x, z } of columns) {
      expect(Math.abs(terrain.groundAt(x + 1, z) - terrain.groundAt(x, z))).toBeLessThanOrEqual(4);
    }
  });

  test('continues over chunk borders', () => {
    const west = terrain.generate({ x: -1, z: 0 });
    const ground = terrain.groundAt(-1, 5);
    expect(west.get(CHUNK_SIZE - 1, ground, 5)).not.toBe(AIR);
    expect([AIR, idOf('water')]).toContain(west.get(CHUNK_SIZE - 1, ground + 1, 5));
  });

  test('each column is bedrock, stone, soil and then water or air', () => {
    const chunk = terrain.generate({ x: 0, z: 0 });
    for (let x = 0; x < CHUNK_SIZE; x++) {
      const ground = terrain.groundAt(x, 0);
      const isLand = ground > SEA_LEVEL;
      expect(chunk.get(x, 0, 0)).toBe(idOf('bedrock'));
      expect(chunk.get(x, ground - 3, 0)).toBe(idOf('stone'));
      expect(chunk.get(x, ground, 0)).toBe(idOf(isLand ? 'grass' : 'sand'));
      expect(chunk.get(x, ground + 1, 0)).toBe(ground < SEA_LEVEL ? idOf('water') : AIR);
      expect(chunk.get(x, Math.max(ground, SEA_LEVEL) + 1, 0)).toBe(AIR);
    }
  });
});
