import type { ContextItem } from '../model/context.ts';

const CHARACTERS_PER_TOKEN = 4;

/** Tokens an item takes: what it says, else an estimate from the JSON of its payload. */
export function tokenCostOf(item: ContextItem): number {
  if (item.token_cost !== null) return Math.max(0, item.token_cost);
  return Math.ceil(JSON.stringify(item.payload).length / CHARACTERS_PER_TOKEN);
}

/** Words separated by white space: what the typed memories say their items cost. */
export function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}
