import { expect, test } from 'vitest';
import { craft, craftable, hasInputs } from './crafting.ts';
import type { Recipe } from './crafting.ts';
import { addItems, countOf, createInventory } from './inventory.ts';

const LOG = 7;
const COAL = 10;
const PLANKS = 20;
const TORCH = 21;
const planks: Recipe = {
  name: 'planks',
  inputs: [{ blockId: LOG, count: 1 }],
  output: { blockId: PLANKS, count: 4 },
};
const torch: Recipe = {
  name: 'torch',
  inputs: [
    { blockId: PLANKS, count: 2 },
    { blockId: COAL, count: 1 },
  ],
  output: { blockId: TORCH, count: 4 },
};
const holding = (blockId: number, count: number, slots = 4) =>
  addItems(createInventory(slots), { blockId, count }).inventory;

test('crafting swaps inputs for the output', () => {
  const after = craft(holding(LOG, 3), planks);
  expect(after && [countOf(after, LOG), countOf(after, PLANKS)]).toEqual([2, 4]);
});

test('nothing is taken when one of several inputs is missing', () => {
  const before = holding(PLANKS, 5);
  expect(hasInputs(before, torch)).toBe(false);
  expect(craft(before, torch)).toBeUndefined();
  expect(countOf(before, PLANKS)).toBe(5);
});

test('the output may take the slot an input has left', () => {
  expect(craft(holding(LOG, 1, 1), planks)?.slots).toEqual([{ blockId: PLANKS, count: 4 }]);
});

test('fails when the output finds no room', () => {
  expect(craft(holding(LOG, 2, 1), planks)).toBeUndefined();
});

test('recipes build on one another', () => {
  const start = addItems(holding(LOG, 1), { blockId: COAL, count: 1 }).inventory;
  const middle = craft(start, planks);
  const end = middle && craft(middle, torch);
  expect(end && countOf(end, TORCH)).toBe(4);
  expect(craftable(start, [planks, torch]).map(({ name }) => name)).toEqual(['planks']);
});
