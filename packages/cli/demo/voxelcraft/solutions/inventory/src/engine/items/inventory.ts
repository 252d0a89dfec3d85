/** So many of one block in one slot. */
export interface ItemStack {
  readonly blockId: number;
  readonly count: number;
}

/** Slots from left to right; undefined is an empty one. Operations return a new inventory. */
export interface Inventory {
  readonly slots: readonly (ItemStack | undefined)[];
}

export const MAX_STACK = 64;

export const createInventory = (slotCount = 36): Inventory => ({
  slots: Array.from({ length: slotCount }, () => undefined),
});

export const countOf = ({ slots }: Inventory, blockId: number): number =>
  slots.reduce((sum, stack) => sum + (stack?.blockId === blockId ? stack.count : 0), 0);

/** Fills stacks of the same block first, then empty slots; `leftOver` is what found no room. */
export function addItems(inventory: Inventory, item: ItemStack): { inventory: Inventory; leftOver: number } {
  const slots = [...inventory.slots];
  let leftOver = item.count;
  for (const wantsStack of [true, false]) {
    for (let index = 0; index < slots.length && leftOver > 0; index++) {
      const stack = slots[index];
      if (wantsStack ? stack?.blockId !== item.blockId : stack !== undefined) continue;
      const before = stack?.count ?? 0;
      const moved = Math.min(leftOver, MAX_STACK - before);
      if (moved > 0) slots[index] = { blockId: item.blockId, count: before + moved };
      leftOver -= moved;
    }
  }
  return { inventory: { slots }, leftOver };
}

/** Takes from the last stacks first; undefined, and nothing taken, when there are too few. */
export function removeItems(inventory: Inventory, item: ItemStack): Inventory | undefined {
  if (countOf(inventory, item.blockId) < item.count) return undefined;
  const slots = [...inventory.slots];
  let missing = item.count;
  for (let index = slots.length - 1; index >= 0 && missing > 0; index--) {
    const stack = slots[index];
    if (stack?.blockId !== item.blockId) continue;
    const taken = Math.min(missing, stack.count);
    missing -= taken;
    slots[index] = taken === stack.count ? undefined : { ...stack, count: stack.count - taken };
  }
  return { slots };
}
