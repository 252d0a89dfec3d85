import type { Fields } from './fields.ts';
import { checkUnique } from './unique-ids.ts';

interface ListRule<T> {
  readonly key: string;
  /** Whether the list must be there, even if empty. */
  readonly required?: boolean;
  readonly parse: (fields: Fields) => T;
  readonly idOf: (item: T) => string;
}

/** Reads a manifest that is one list; nothing without the file. */
export function parseList<T>(root: Fields | null, rule: ListRule<T>): readonly T[] {
  if (root === null) return [];
  const { key, required = false, parse, idOf } = rule;
  if (required && !root.declares(key)) root.at(key).problem(`"${key}" is missing`);
  const entries = root.entries(key);
  const items = entries.map(parse);
  checkUnique(items.map((item, index) => ({ id: idOf(item), fields: entries[index] ?? root })));
  root.close();
  return items;
}
