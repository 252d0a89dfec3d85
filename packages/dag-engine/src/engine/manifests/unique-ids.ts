import type { Fields } from './fields.ts';

/**
 * Reports every entry whose id another one had before, and gives those ids. Entries without an id have their problem
 * already.
 */
export function checkUnique(
  entries: readonly { readonly id: string; readonly fields: Fields }[],
): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { id, fields } of entries) {
    if (id !== '' && seen.has(id)) {
      twice.add(id);
      fields.problem(`the id "${id}" is used twice`);
    }
    seen.add(id);
  }
  return twice;
}
