import { CHUNK_HEIGHT, CHUNK_SIZE } from '../constants.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { Aabb } from '../physics/aabb.ts';
import { chunkPositionOf } from '../world/coordinates.ts';
import type { ChunkPosition } from '../world/coordinates.ts';
import { isBoxVisible } from './frustum.ts';
import type { Frustum } from './frustum.ts';

/** The space a chunk fills. */
export const chunkBox = ({ x, z }: ChunkPosition): Aabb => ({
  min: [x * CHUNK_SIZE, 0, z * CHUNK_SIZE],
  max: [(x + 1) * CHUNK_SIZE, CHUNK_HEIGHT, (z + 1) * CHUNK_SIZE],
});

/** Chunks whose column is within `radius` chunks of the eye's own, nearest first. */
export function chunksAround(eye: Vec3, radius: number): ChunkPosition[] {
  const centre = chunkPositionOf(eye[0], eye[2]);
  const found: { readonly position: ChunkPosition; readonly squared: number }[] = [];
  for (let dz = -radius; dz <= radius; dz++) {
    for (let dx = -radius; dx <= radius; dx++) {
      const squared = dx * dx + dz * dz;
      if (squared <= radius * radius)
        found.push({ position: { x: centre.x + dx, z: centre.z + dz }, squared });
    }
  }
  return found.sort((a, b) => a.squared - b.squared).map(({ position }) => position);
}

/** What to draw: near to far, so that hidden fragments are rejected early. */
export const visibleChunks = (frustum: Frustum, eye: Vec3, radius: number): ChunkPosition[] =>
  chunksAround(eye, radius).filter((position) => isBoxVisible(frustum, chunkBox(position)));
