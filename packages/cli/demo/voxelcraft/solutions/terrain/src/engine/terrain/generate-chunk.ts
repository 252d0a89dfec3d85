import type { BlockRegistry } from '../blocks/registry.ts';
import { CHUNK_HEIGHT, CHUNK_SIZE, SEA_LEVEL } from '../constants.ts';
import { createFractalNoise } from '../noise/value-noise.ts';
import { Chunk } from '../world/chunk.ts';
import type { ChunkPosition } from '../world/coordinates.ts';

/** Blocks from one hill to the next, roughly. */
const HILL_SIZE = 48;
const LOWEST_GROUND = 8;
const HIGHEST_GROUND = CHUNK_HEIGHT - 12;
/** Blocks of dirt or sand above the stone. */
const SOIL_DEPTH = 3;

export interface Terrain {
  /** Height of the highest ground block of a column; water does not count. */
  groundAt(x: number, z: number): number;
  /** The same seed and position always give the same blocks, whatever was generated before. */
  generate(position: ChunkPosition): Chunk;
}

export function createTerrain(seed: number, blocks: BlockRegistry): Terrain {
  const hills = createFractalNoise(seed, { octaves: 4 });
  const [stone, dirt, grass, sand, water, bedrock] = (
    ['stone', 'dirt', 'grass', 'sand', 'water', 'bedrock'] as const
  ).map((name) => blocks.byName(name).id) as [number, number, number, number, number, number];

  const groundAt = (x: number, z: number) =>
    Math.round(LOWEST_GROUND + hills(x / HILL_SIZE, z / HILL_SIZE) * (HIGHEST_GROUND - LOWEST_GROUND));

  function blockAt(y: number, ground: number): number {
    if (y === 0) return bedrock;
    if (y > ground) return water;
    if (y <= ground - SOIL_DEPTH) return stone;
    if (ground <= SEA_LEVEL) return sand;
    return y === ground ? grass : dirt;
  }

  return {
    groundAt,
    generate(position) {
      const chunk = new Chunk(position);
      for (let z = 0; z < CHUNK_SIZE; z++) {
        for (let x = 0; x < CHUNK_SIZE; x++) {
          const ground = groundAt(position.x * CHUNK_SIZE + x, position.z * CHUNK_SIZE + z);
          for (let y = 0; y <= Math.max(ground, SEA_LEVEL); y++) chunk.set(x, y, z, blockAt(y, ground));
        }
      }
      return chunk;
    },
  };
}
