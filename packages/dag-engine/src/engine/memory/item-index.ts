import { matchItems } from './match-items.ts';
import type { MemoryItem } from './memory-item.ts';
import type { QueryPlan } from './memory-query.ts';
import { compareText } from './text-order.ts';

/** Items in the order they were put, found by id and by task. */
export class ItemIndex {
  readonly #items = new Map<string, MemoryItem>();
  readonly #byTask = new Map<string | null, Map<string, MemoryItem>>();

  get size(): number {
    return this.#items.size;
  }

  get(id: string): MemoryItem | undefined {
    return this.#items.get(id);
  }

  set(item: MemoryItem): void {
    this.delete(item.context_item_id);
    this.#items.set(item.context_item_id, item);
    const ofTask = this.#byTask.get(item.task_id) ?? new Map<string, MemoryItem>();
    this.#byTask.set(item.task_id, ofTask.set(item.context_item_id, item));
  }

  delete(id: string): boolean {
    const item = this.#items.get(id);
    if (item === undefined) return false;
    this.#items.delete(id);
    const ofTask = this.#byTask.get(item.task_id);
    ofTask?.delete(id);
    if (ofTask?.size === 0) this.#byTask.delete(item.task_id);
    return true;
  }

  clear(): void {
    this.#items.clear();
    this.#byTask.clear();
  }

  values(): readonly MemoryItem[] {
    return [...this.#items.values()];
  }

  idsOfTask(taskId: string): readonly string[] {
    return [...(this.#byTask.get(taskId)?.keys() ?? [])];
  }

  query(plan: QueryPlan): readonly MemoryItem[] {
    return matchItems(this.#candidates(plan), plan);
  }

  /** Ids of the oldest items, by timestamp and then by the order they were put, that are too many. */
  surplus(maxItems: number | null, incoming?: MemoryItem): readonly string[] {
    const replaced = incoming !== undefined && this.#items.has(incoming.context_item_id);
    const excess = this.#items.size + (incoming === undefined || replaced ? 0 : 1) - (maxItems ?? Infinity);
    if (excess <= 0) return [];
    const others = this.values().filter((item) => item.context_item_id !== incoming?.context_item_id);
    const all = incoming === undefined ? others : [...others, incoming];
    const oldestFirst = all.toSorted((a, b) => compareText(a.timestamp, b.timestamp));
    return oldestFirst.slice(0, excess).map((item) => item.context_item_id);
  }

  /** The question nodes ask all the time, about their own task, must not look at every item there is. */
  #candidates({ conditions }: QueryPlan): Iterable<MemoryItem> {
    const ofTask = conditions.find(({ field, operator }) => field === 'task_id' && operator === '$eq');
    if (ofTask === undefined) return this.#items.values();
    return this.#byTask.get(ofTask.value as string | null)?.values() ?? [];
  }
}
