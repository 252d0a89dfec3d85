import type { MemoryItem } from './memory-item.ts';
import { countWords } from './token-cost.ts';
import { payloadOf, type Remark, type TypedMemoryOptions } from './typed-memory.ts';

/** What every task of every project shares. */
export interface GlobalMemory {
  /** `null` when the confirmation is declined. */
  addPreference(preference: Remark & { readonly category?: string }): Promise<MemoryItem | null>;
  addPattern(pattern: Remark): Promise<MemoryItem>;
  /** Newest first. */
  queryPreferences(category?: string): Promise<readonly MemoryItem[]>;
  /** Whether it was done: not when the confirmation is declined. */
  clearAll(): Promise<boolean>;
}

/** Makes the memory everyone shares. */
export function createGlobalMemory({
  stores,
  writer,
  ids,
  owner,
  confirm = () => true,
}: TypedMemoryOptions): GlobalMemory {
  const add = (kind: string, remark: Remark, how: { importance: number; category?: string | undefined }) =>
    writer.put(
      'global',
      {
        context_item_id: ids.uuid(),
        kind,
        source: 'global',
        tags: ['global', ...(how.category === undefined ? [] : [how.category]), ...(remark.tags ?? [])],
        importance: how.importance,
        token_cost: countWords(remark.text),
        payload: payloadOf(remark.text, { category: how.category }),
      },
      owner,
    );
  return {
    async addPreference(preference) {
      if (!(await confirm(`remember the preference: ${preference.text}`))) return null;
      return add('preference', preference, { importance: 0.9, category: preference.category });
    },
    addPattern: (pattern) => add('pattern', pattern, { importance: 0.7 }),
    queryPreferences: (category) =>
      stores.global.query({
        filters: { kind: 'preference', ...(category === undefined ? {} : { tags: [category] }) },
        limit: null,
      }),
    async clearAll() {
      if (!(await confirm('clear the global memory'))) return false;
      await stores.global.clear();
      return true;
    },
  };
}
