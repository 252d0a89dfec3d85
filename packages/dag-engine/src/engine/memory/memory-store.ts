import type { MemoryItem } from './memory-item.ts';
import type { MemoryQuery } from './memory-query.ts';

/** How much a store keeps: of what is too much the oldest go, by timestamp and then by the order they were put. */
export interface Retention {
  readonly maxItems: number | null;
  /**
   * Counts the items of each task alone: what one task remembers then does not depend on others. Default: all items
   * count together.
   */
  readonly perTask?: boolean;
}

/**
 * Where memories are kept. Contract: calls take effect in the order they are made; a call that rejects changed
 * nothing; items are deeply frozen copies; a second store of the same place sees everything a closed one kept.
 */
export interface MemoryStore {
  /** Names the backend in events: `in_memory`, `file`, `sqlite`, or what a plugin registered. */
  readonly backend: string;
  /** Whether items outlive the process. */
  readonly persistent: boolean;
  get(id: string): Promise<MemoryItem | undefined>;
  /** Keeps an item as the newest; one of the same id is replaced. */
  put(item: MemoryItem): Promise<void>;
  /** @throws {StorageError} QUERY_INVALID. */
  query(query?: MemoryQuery): Promise<readonly MemoryItem[]>;
  /** Whether there was such an item. */
  delete(id: string): Promise<boolean>;
  /** Every item, in the order they were put. */
  list(): Promise<readonly MemoryItem[]>;
  /** Forgets everything, or everything of one task. */
  clear(taskId?: string): Promise<void>;
  count(): Promise<number>;
  close(): Promise<void>;
}
