type Order = (a: string, b: string) => number;

/** Orders that people and tools keep lists in; package managers use the second. */
const ORDERS: readonly Order[] = [(a, b) => (a < b ? -1 : Number(a > b)), (a, b) => a.localeCompare(b, 'en')];

/** An order that all of the lists are in; undefined when there is none. */
export function sortingOrder(lists: readonly (readonly string[])[]): Order | undefined {
  return ORDERS.find((order) => lists.every((list) => isSorted(list, order)));
}

function isSorted(list: readonly string[], order: Order): boolean {
  return list.every((item, index) => index === 0 || order(list[index - 1] ?? '', item) <= 0);
}
