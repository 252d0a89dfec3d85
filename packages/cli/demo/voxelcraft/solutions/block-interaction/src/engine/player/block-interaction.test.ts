import { beforeEach, describe, expect, test } from 'vitest';
import { AIR } from '../constants.ts';
import { addItems, countOf, createInventory } from '../items/inventory.ts';
import { boxAt } from '../physics/aabb.ts';
import type { Camera } from '../render/camera.ts';
import { Chunk } from '../world/chunk.ts';
import { World } from '../world/world.ts';
import { breakBlock, findTarget, placeBlock } from './block-interaction.ts';

const STONE = 1;
const WATER = 5;
/** Eyes in the middle of block (4, 4, 8), looking north. */
const eyes: Camera = { position: [4.5, 4.5, 8.5], yaw: 0, pitch: 0 };
const farBox = boxAt([12, 4, 12], 0.6, 1.8);
const holding = (count: number) => addItems(createInventory(2), { blockId: STONE, count }).inventory;

let world: World;
beforeEach(() => {
  world = new World((position) => new Chunk(position));
  world.load({ x: 0, z: 0 });
  world.setBlock(4, 4, 5, STONE);
});

function target() {
  const hit = findTarget(world, eyes);
  if (!hit) throw new Error('nothing in reach');
  return hit;
}

describe('findTarget', () => {
  test('finds the block in the line of sight', () => {
    expect(target()).toMatchObject({ block: [4, 4, 5], normal: [0, 0, 1] });
  });

  test('sees nothing out of reach', () => {
    expect(findTarget(world, { ...eyes, position: [4.5, 4.5, 12.5] })).toBeUndefined();
  });

  test('looks through what cannot be targeted', () => {
    world.setBlock(4, 4, 6, WATER);
    expect(target().block).toEqual([4, 4, 6]);
    expect(findTarget(world, eyes, (id) => id === STONE)?.block).toEqual([4, 4, 5]);
  });
});

describe('breakBlock', () => {
  test('moves the block into the inventory', () => {
    const inventory = breakBlock(world, createInventory(1), target());
    expect(world.getBlock(4, 4, 5)).toBe(AIR);
    expect(countOf(inventory, STONE)).toBe(1);
  });
});

describe('placeBlock', () => {
  test('puts a block against the face and takes it from the inventory', () => {
    const rest = placeBlock(world, holding(2), { target: target(), blockId: STONE, playerBox: farBox });
    expect(world.getBlock(4, 4, 6)).toBe(STONE);
    expect(rest && countOf(rest, STONE)).toBe(1);
  });

  test('does not wall the player in', () => {
    const playerBox = boxAt([4.5, 4, 6.5], 0.6, 1.8);
    expect(placeBlock(world, holding(1), { target: target(), blockId: STONE, playerBox })).toBeUndefined();
    expect(world.getBlock(4, 4, 6)).toBe(AIR);
  });

  test('needs the block in the inventory', () => {
    const empty = createInventory(1);
    expect(placeBlock(world, empty, { target: target(), blockId: STONE, playerBox: farBox })).toBeUndefined();
    expect(world.getBlock(4, 4, 6)).toBe(AIR);
  });

  test('replaces nothing and costs nothing where there is no chunk', () => {
    const inside = { ...target(), normal: [0, 0, 0] as const };
    expect(
      placeBlock(world, holding(1), { target: inside, blockId: STONE, playerBox: farBox }),
    ).toBeUndefined();
    const outside = { ...target(), block: [-1, 4, 5] as const };
    expect(
      placeBlock(world, holding(1), { target: outside, blockId: STONE, playerBox: farBox }),
    ).toBeUndefined();
  });
});
