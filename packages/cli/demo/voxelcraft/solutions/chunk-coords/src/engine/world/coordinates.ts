import { CHUNK_HEIGHT, CHUNK_SIZE } from '../constants.ts';

/** Column of a chunk: block x from `x * CHUNK_SIZE`, block z from `z * CHUNK_SIZE`. */
export interface ChunkPosition {
  readonly x: number;
  readonly z: number;
}

/** The key of a chunk in a map, for example `-1,4`. */
export type ChunkKey = `${number},${number}`;

export const chunkKey = ({ x, z }: ChunkPosition): ChunkKey => `${x},${z}`;

/** The chunk a block column lies in; works for any real coordinate, negative ones included. */
export function chunkPositionOf(x: number, z: number): ChunkPosition {
  return { x: Math.floor(x / CHUNK_SIZE), z: Math.floor(z / CHUNK_SIZE) };
}

/** A block coordinate inside its chunk, from 0 to CHUNK_SIZE - 1. */
export const localCoordinate = (block: number): number => block & (CHUNK_SIZE - 1);

/** Where a block is stored in its chunk: x fastest, then z, then y, so a layer is contiguous. */
export function blockIndex(localX: number, y: number, localZ: number): number {
  return (y * CHUNK_SIZE + localZ) * CHUNK_SIZE + localX;
}

export const isInsideHeight = (y: number): boolean => y >= 0 && y < CHUNK_HEIGHT;
