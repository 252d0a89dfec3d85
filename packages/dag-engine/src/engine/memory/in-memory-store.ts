import { storageClosed } from '../storage/storage-error.ts';
import { ItemIndex } from './item-index.ts';
import { copyItem, type MemoryItem } from './memory-item.ts';
import { planQuery, type MemoryQuery } from './memory-query.ts';
import type { MemoryStore } from './memory-store.ts';

/** Keeps items for as long as the process lives, at most `maxItems` of them: the oldest go. */
export class InMemoryStore implements MemoryStore {
  readonly backend = 'in_memory';
  readonly persistent = false;
  readonly #maxItems: number | null;
  #index: ItemIndex | undefined = new ItemIndex();

  constructor(options: { readonly maxItems: number | null }) {
    this.#maxItems = options.maxItems;
  }

  async get(id: string): Promise<MemoryItem | undefined> {
    return this.#open().get(id);
  }

  async put(item: MemoryItem): Promise<void> {
    const index = this.#open();
    index.set(copyItem(item));
    for (const id of index.surplus(this.#maxItems)) index.delete(id);
  }

  async query(query?: MemoryQuery): Promise<readonly MemoryItem[]> {
    return this.#open().query(planQuery(query));
  }

  async delete(id: string): Promise<boolean> {
    return this.#open().delete(id);
  }

  async list(): Promise<readonly MemoryItem[]> {
    return this.#open().values();
  }

  async clear(taskId?: string): Promise<void> {
    const index = this.#open();
    if (taskId === undefined) index.clear();
    else for (const id of index.idsOfTask(taskId)) index.delete(id);
  }

  async count(): Promise<number> {
    return this.#open().size;
  }

  async close(): Promise<void> {
    this.#index = undefined;
  }

  #open(): ItemIndex {
    if (this.#index === undefined) throw storageClosed('memory store');
    return this.#index;
  }
}
