import type { JsonValue } from '../model/json.ts';
import { parseOrText } from './engine-input.ts';

/** Splits `<json> [word]`. Text that is neither JSON nor JSON and one word is a string, all of it. */
export function splitJsonPrefix(text: string): { readonly value: JsonValue; readonly rest: string } {
  const trimmed = text.trim();
  const lastWord = /\s\S+$/.exec(trimmed)?.index ?? trimmed.length;
  for (const end of [trimmed.length, lastWord]) {
    const prefix = trimmed.slice(0, end);
    const value = parseOrText(prefix);
    if (value !== prefix) return { value, rest: trimmed.slice(end).trim() };
  }
  return { value: trimmed, rest: '' };
}
