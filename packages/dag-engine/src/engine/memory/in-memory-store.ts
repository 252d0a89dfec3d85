import { storageClosed } from '../storage/storage-error.ts';
import { ItemIndex } from './item-index.ts';
import { copyItem, type MemoryItem } from './memory-item.ts';
import { planQuery, type MemoryQuery } from './memory-query.ts';
import type { MemoryStore, Retention } from './memory-store.ts';

/** Keeps items for as long as the process lives. */
export class InMemoryStore implements MemoryStore {
  readonly backend = 'in_memory';
  readonly persistent = false;
  readonly #retention: Retention;
  #index: ItemIndex | undefined = new ItemIndex();

  constructor(retention: Retention) {
    this.#retention = retention;
  }

  async get(id: string): Promise<MemoryItem | undefined> {
    return this.#open().get(id);
  }

  async put(item: MemoryItem): Promise<void> {
    const index = this.#open();
    const kept = copyItem(item);
    const surplus = index.surplus(this.#retention, kept);
    index.set(kept);
    for (const id of surplus) index.delete(id);
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
