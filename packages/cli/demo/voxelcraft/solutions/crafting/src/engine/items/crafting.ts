import { addItems, countOf, removeItems } from './inventory.ts';
import type { Inventory, ItemStack } from './inventory.ts';

export interface Recipe {
  readonly name: string;
  /** Each block at most once. */
  readonly inputs: readonly ItemStack[];
  readonly output: ItemStack;
}

export const hasInputs = (inventory: Inventory, { inputs }: Recipe): boolean =>
  inputs.every(({ blockId, count }) => countOf(inventory, blockId) >= count);

/** Swaps the inputs for the output; undefined when an input is missing or the output finds no room. */
export function craft(inventory: Inventory, recipe: Recipe): Inventory | undefined {
  let rest: Inventory | undefined = inventory;
  for (const input of recipe.inputs) rest = rest && removeItems(rest, input);
  if (!rest) return undefined;
  const { inventory: result, leftOver } = addItems(rest, recipe.output);
  return leftOver === 0 ? result : undefined;
}

/** The recipes that can be made now, in the order given. */
export const craftable = (inventory: Inventory, recipes: readonly Recipe[]): Recipe[] =>
  recipes.filter((recipe) => craft(inventory, recipe) !== undefined);
