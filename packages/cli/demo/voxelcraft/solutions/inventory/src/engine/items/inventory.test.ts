import { describe, expect, test } from 'vitest';
import { MAX_STACK, addItems, countOf, createInventory, removeItems } from './inventory.ts';
import type { Inventory } from './inventory.ts';

const STONE = 1;
const DIRT = 2;
const add = (inventory: Inventory, blockId: number, count: number) =>
  addItems(inventory, { blockId, count }).inventory;

describe('adding', () => {
  test('fills a stack before it starts another', () => {
    const inventory = add(add(createInventory(3), STONE, 60), STONE, 10);
    expect(inventory.slots).toEqual([
      { blockId: STONE, count: MAX_STACK },
      { blockId: STONE, count: 6 },
      undefined,
    ]);
  });

  test('prefers a stack of the same block to an empty slot before it', () => {
    const inventory: Inventory = { slots: [undefined, { blockId: STONE, count: 1 }] };
    expect(add(inventory, STONE, 2).slots).toEqual([undefined, { blockId: STONE, count: 3 }]);
  });

  test('says what found no room', () => {
    const { inventory, leftOver } = addItems(add(createInventory(2), DIRT, 1), {
      blockId: STONE,
      count: 100,
    });
    expect(leftOver).toBe(36);
    expect(countOf(inventory, STONE)).toBe(64);
  });

  test('leaves the inventory it was given alone', () => {
    const before = createInventory(1);
    add(before, STONE, 5);
    expect(before.slots).toEqual([undefined]);
  });
});

describe('removing', () => {
  test('takes from the last stack first and empties slots', () => {
    const inventory = add(add(createInventory(3), STONE, 70), DIRT, 5);
    expect(removeItems(inventory, { blockId: STONE, count: 10 })?.slots).toEqual([
      { blockId: STONE, count: 60 },
      undefined,
      { blockId: DIRT, count: 5 },
    ]);
  });

  test('takes all or nothing', () => {
    const inventory = add(createInventory(1), STONE, 3);
    expect(removeItems(inventory, { blockId: STONE, count: 4 })).toBeUndefined();
    expect(removeItems(inventory, { blockId: DIRT, count: 1 })).toBeUndefined();
    expect(countOf(inventory, STONE)).toBe(3);
  });
});

test('what is added can be removed again', () => {
  for (const count of [0, 1, 64, 65, 200]) {
    const full = add(createInventory(4), STONE, count);
    expect(countOf(full, STONE)).toBe(count);
    const emptied = removeItems(full, { blockId: STONE, count });
    expect(emptied && countOf(emptied, STONE)).toBe(0);
  }
});
