import { matchItems } from './match-items.ts';
import type { MemoryItem } from './memory-item.ts';
import type { QueryPlan } from './memory-query.ts';
import type { Retention } from './memory-store.ts';
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

  /** Ids of the items that are too many, also once `incoming` is there. */
  surplus({ maxItems, perTask = false }: Retention, incoming?: MemoryItem): readonly string[] {
    if (maxItems === null) return [];
    if (!perTask) return idsAbove(maxItems, this.#items, incoming);
    if (incoming === undefined) {
      return [...this.#byTask.values()].flatMap((ofTask) => idsAbove(maxItems, ofTask));
    }
    return idsAbove(maxItems, this.#byTask.get(incoming.task_id) ?? new Map<string, MemoryItem>(), incoming);
  }

  /** The question nodes ask all the time, about their own task, must not look at every item there is. */
  #candidates({ conditions }: QueryPlan): Iterable<MemoryItem> {
    const ofTask = conditions.find(({ field, operator }) => field === 'task_id' && operator === '$eq');
    if (ofTask === undefined) return this.#items.values();
    return this.#byTask.get(ofTask.value as string | null)?.values() ?? [];
  }
}

/** Ids of the oldest items, by timestamp and then by the order they were put, that are too many. */
function idsAbove(
  maxItems: number,
  items: ReadonlyMap<string, MemoryItem>,
  incoming?: MemoryItem,
): readonly string[] {
  const isNew = incoming !== undefined && !items.has(incoming.context_item_id);
  const excess = items.size + (isNew ? 1 : 0) - maxItems;
  if (excess <= 0) return [];
  const others = [...items.values()].filter((item) => item.context_item_id !== incoming?.context_item_id);
  const all = incoming === undefined ? others : [...others, incoming];
  const oldestFirst = all.toSorted((a, b) => compareText(a.timestamp, b.timestamp));
  return oldestFirst.slice(0, excess).map((item) => item.context_item_id);
}
