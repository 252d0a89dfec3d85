import { describe, expect, test } from 'vitest';
import { AIR, CHUNK_SIZE } from '../constants.ts';
import { Chunk } from './chunk.ts';
import { World } from './world.ts';

const flat = () =>
  new World((position) => {
    const chunk = new Chunk(position);
    for (let x = 0; x < CHUNK_SIZE; x++) for (let z = 0; z < CHUNK_SIZE; z++) chunk.set(x, 0, z, 1);
    return chunk;
  });

function load(world: World, ...positions: readonly (readonly [number, number])[]): World {
  for (const [x, z] of positions) world.load({ x, z });
  world.takeStale();
  return world;
}

describe('World', () => {
  test('makes a chunk once', () => {
    const world = flat();
    expect(world.load({ x: 0, z: 0 })).toBe(world.load({ x: 0, z: 0 }));
    expect([...world.chunks]).toHaveLength(1);
  });

  test('is air where nothing is loaded', () => {
    const world = flat();
    expect(world.getBlock(3, 0, 3)).toBe(AIR);
    expect(world.setBlock(3, 0, 3, 2)).toBe(false);
  });

  test('reads and writes across chunk borders and below zero', () => {
    const world = load(flat(), [0, 0], [-1, 0]);
    world.setBlock(-1, 5, 0, 7);
    world.setBlock(0, 5, 0, 8);
    expect([world.getBlock(-1, 5, 0), world.getBlock(0, 5, 0)]).toEqual([7, 8]);
    expect(world.chunkAt({ x: -1, z: 0 })?.get(CHUNK_SIZE - 1, 5, 0)).toBe(7);
  });

  test('forgets an unloaded chunk', () => {
    const world = load(flat(), [0, 0]);
    world.unload({ x: 0, z: 0 });
    expect(world.getBlock(0, 0, 0)).toBe(AIR);
  });
});

describe('stale meshes', () => {
  test('a change inside a chunk makes only that one stale', () => {
    const world = load(flat(), [0, 0], [1, 0]);
    world.setBlock(5, 5, 5, 2);
    expect(world.takeStale()).toEqual([{ x: 0, z: 0 }]);
    expect(world.takeStale()).toEqual([]);
  });

  test('a change at a border makes the loaded neighbour stale too', () => {
    const world = load(flat(), [0, 0], [1, 0]);
    world.setBlock(CHUNK_SIZE - 1, 5, 0, 2);
    expect(world.takeStale()).toEqual([
      { x: 0, z: 0 },
      { x: 1, z: 0 },
    ]);
  });

  test('a change that changes nothing makes nothing stale', () => {
    const world = load(flat(), [0, 0]);
    expect(world.setBlock(0, 0, 0, 1)).toBe(false);
    expect(world.takeStale()).toEqual([]);
  });

  test('a new chunk makes its neighbours stale', () => {
    const world = load(flat(), [0, 0]);
    world.load({ x: 0, z: 1 });
    expect(world.takeStale()).toEqual([
      { x: 0, z: 1 },
      { x: 0, z: 0 },
    ]);
  });
});
