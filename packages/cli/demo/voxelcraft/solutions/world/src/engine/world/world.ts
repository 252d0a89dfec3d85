import { AIR, CHUNK_SIZE } from '../constants.ts';
import type { Chunk } from './chunk.ts';
import { chunkKey, chunkPositionOf, localCoordinate } from './coordinates.ts';
import type { ChunkKey, ChunkPosition } from './coordinates.ts';

/** Makes the blocks of a chunk that is loaded for the first time. */
export type ChunkSource = (position: ChunkPosition) => Chunk;

/** The loaded chunks as one space of blocks. Where no chunk is loaded there is air. */
export class World {
  readonly #source: ChunkSource;
  readonly #chunks = new Map<ChunkKey, Chunk>();
  readonly #stale = new Map<ChunkKey, ChunkPosition>();

  constructor(source: ChunkSource) {
    this.#source = source;
  }

  get chunks(): Iterable<Chunk> {
    return this.#chunks.values();
  }

  chunkAt(position: ChunkPosition): Chunk | undefined {
    return this.#chunks.get(chunkKey(position));
  }

  /** Returns the chunk at a position, making it first if it is not loaded. */
  load(position: ChunkPosition): Chunk {
    const loaded = this.chunkAt(position);
    if (loaded) return loaded;
    const chunk = this.#source(position);
    this.put(chunk);
    return chunk;
  }

  /** Adds or replaces a chunk, for example one from a save file. */
  put(chunk: Chunk): void {
    this.#chunks.set(chunkKey(chunk.position), chunk);
    this.#markStale(chunk.position);
    // Faces at the border of a neighbour may be hidden now.
    const { x, z } = chunk.position;
    for (const [dx, dz] of [
      [-1, 0],
      [1, 0],
      [0, -1],
      [0, 1],
    ] as const)
      this.#markStale({ x: x + dx, z: z + dz });
  }

  unload(position: ChunkPosition): void {
    this.#chunks.delete(chunkKey(position));
    this.#stale.delete(chunkKey(position));
  }

  getBlock(x: number, y: number, z: number): number {
    const chunk = this.chunkAt(chunkPositionOf(x, z));
    return chunk?.get(localCoordinate(x), y, localCoordinate(z)) ?? AIR;
  }

  /** Returns whether anything changed; where no chunk is loaded nothing does. */
  setBlock(x: number, y: number, z: number, id: number): boolean {
    const position = chunkPositionOf(x, z);
    const localX = localCoordinate(x);
    const localZ = localCoordinate(z);
    if (this.chunkAt(position)?.set(localX, y, localZ, id) !== true) return false;
    this.#markStale(position);
    if (localX === 0) this.#markStale({ x: position.x - 1, z: position.z });
    if (localX === CHUNK_SIZE - 1) this.#markStale({ x: position.x + 1, z: position.z });
    if (localZ === 0) this.#markStale({ x: position.x, z: position.z - 1 });
    if (localZ === CHUNK_SIZE - 1) this.#markStale({ x: position.x, z: position.z + 1 });
    return true;
  }

  /** The loaded chunks whose mesh is out of date since the last call. */
  takeStale(): ChunkPosition[] {
    const positions = [...this.#stale.values()];
    this.#stale.clear();
    return positions;
  }

  #markStale(position: ChunkPosition): void {
    const key = chunkKey(position);
    if (this.#chunks.has(key)) this.#stale.set(key, position);
  }
}
