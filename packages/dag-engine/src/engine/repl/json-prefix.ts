import type { JsonValue } from '../model/json.ts';
import { parseOrText } from './engine-input.ts';

/**
 * Splits `<json> [rest]` where the longest JSON value ends that a space or the end follows. Text that does
 * not begin with JSON is a string up to its last word, which stays with it.
 */
export function splitJsonPrefix(text: string): { readonly value: JsonValue; readonly rest: string } {
  const trimmed = text.trim();
  const ends = [trimmed.length, ...indexesOfSpaces(trimmed).reverse()];
  for (const end of ends) {
    const prefix = trimmed.slice(0, end);
    const value = parseOrText(prefix);
    if (value !== prefix) return { value, rest: trimmed.slice(end).trim() };
  }
  return { value: trimmed, rest: '' };
}

function indexesOfSpaces(text: string): number[] {
  return [...text.matchAll(/\s/g)].map(({ index }) => index);
}
