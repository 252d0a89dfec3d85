import { AIR, CHUNK_VOLUME } from '../constants.ts';
import { blockIndex, isInsideHeight } from './coordinates.ts';
import type { ChunkPosition } from './coordinates.ts';

/** The blocks of one column of the world, one byte each. Coordinates are local to the chunk. */
export class Chunk {
  readonly position: ChunkPosition;
  readonly #blocks: Uint8Array;
  #solidCount = 0;
  #revision = 0;

  /** Takes over `blocks` when given: exactly CHUNK_VOLUME bytes in the order of `blockIndex`. */
  constructor(position: ChunkPosition, blocks: Uint8Array = new Uint8Array(CHUNK_VOLUME)) {
    if (blocks.length !== CHUNK_VOLUME) {
      throw new RangeError(`a chunk has ${CHUNK_VOLUME} blocks, not ${blocks.length}`);
    }
    this.position = position;
    this.#blocks = blocks;
    for (const id of blocks) if (id !== AIR) this.#solidCount++;
  }

  /** Goes up with every change, so a mesh knows whether it is stale. */
  get revision(): number {
    return this.#revision;
  }

  get isEmpty(): boolean {
    return this.#solidCount === 0;
  }

  /** A view of the stored bytes, to save or send; not to be written to. */
  get bytes(): Readonly<Uint8Array> {
    return this.#blocks;
  }

  /** Above and below the chunk there is only air. */
  get(x: number, y: number, z: number): number {
    return isInsideHeight(y) ? (this.#blocks[blockIndex(x, y, z)] ?? AIR) : AIR;
  }

  /** Returns whether anything changed; writing above or below the chunk changes nothing. */
  set(x: number, y: number, z: number, id: number): boolean {
    const before = this.get(x, y, z);
    if (before === id || !isInsideHeight(y)) return false;
    this.#blocks[blockIndex(x, y, z)] = id;
    if (before === AIR) this.#solidCount++;
    if (id === AIR) this.#solidCount--;
    this.#revision++;
    return true;
  }
}
