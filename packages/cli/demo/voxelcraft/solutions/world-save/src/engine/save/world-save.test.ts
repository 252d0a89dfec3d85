import { describe, expect, test } from 'vitest';
import { Chunk } from '../world/chunk.ts';
import { World } from '../world/world.ts';
import { decodeWorld, encodeWorld } from './world-save.ts';

function build(): World {
  const world = new World((position) => new Chunk(position));
  world.load({ x: 0, z: 0 });
  world.load({ x: -3, z: 70_000 });
  world.setBlock(1, 2, 3, 200);
  world.setBlock(-48, 63, 1_120_000, 9);
  return world;
}

const saved = () => encodeWorld({ seed: 4_000_000_000, elapsedSeconds: 12.75, chunks: [...build().chunks] });

describe('world save', () => {
  test('gives back what was saved', () => {
    const loaded = decodeWorld(saved());
    expect([loaded.seed, loaded.elapsedSeconds]).toEqual([4_000_000_000, 12.75]);
    const world = new World(() => {
      throw new Error('every chunk was saved');
    });
    for (const chunk of loaded.chunks) world.put(chunk);
    expect(world.getBlock(1, 2, 3)).toBe(200);
    expect(world.getBlock(-48, 63, 1_120_000)).toBe(9);
    expect(world.load({ x: 0, z: 0 }).bytes).toEqual(build().load({ x: 0, z: 0 }).bytes);
  });

  test('reads from the middle of a buffer', () => {
    const padded = new Uint8Array([1, 2, 3, ...saved()]);
    expect(decodeWorld(padded.subarray(3)).chunks).toHaveLength(2);
  });

  test('is much smaller than the blocks', () => {
    expect(saved().length).toBeLessThan(500);
  });

  test('an empty world can be saved', () => {
    const empty = { seed: 0, elapsedSeconds: 0, chunks: [] };
    expect(decodeWorld(encodeWorld(empty))).toEqual(empty);
  });

  test('refuses other files and other versions', () => {
    expect(() => decodeWorld(new Uint8Array(100))).toThrow('not a saved world');
    expect(() => decodeWorld(new Uint8Array(0))).toThrow('not a saved world');
    const newer = saved();
    newer[5] = 2;
    expect(() => decodeWorld(newer)).toThrow('saved by version 2');
  });

  test('refuses a file that is cut anywhere or too long', () => {
    const bytes = saved();
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => decodeWorld(bytes.slice(0, length))).toThrow();
    }
    expect(() => decodeWorld(new Uint8Array([...bytes, 0]))).toThrow('after its last chunk');
  });
});
