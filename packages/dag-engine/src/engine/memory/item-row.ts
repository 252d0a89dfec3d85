import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { StorageError } from '../storage/storage-error.ts';
import { copyItem, type MemoryItem } from './memory-item.ts';

/** Columns of a memory table besides `seq`, which holds the order items were put in. */
export const ITEM_COLUMNS = [
  'id',
  'task_id',
  'project_id',
  'store',
  'payload',
  'created_at',
  'tags',
  'metadata',
  'kind',
  'source',
  'timestamp',
  'importance',
  'token_cost',
] as const;

export type ItemRow = Readonly<Record<(typeof ITEM_COLUMNS)[number], SQLInputValue>>;

export function rowOf(
  item: MemoryItem,
  where: { readonly store: string; readonly createdAt: string },
): ItemRow {
  return {
    id: item.context_item_id,
    task_id: item.task_id,
    project_id: item.project_id,
    store: where.store,
    payload: JSON.stringify(item.payload),
    created_at: where.createdAt,
    tags: JSON.stringify(item.tags),
    metadata: JSON.stringify(item.metadata),
    kind: item.kind,
    source: item.source,
    timestamp: item.timestamp,
    importance: item.importance,
    token_cost: item.token_cost,
  };
}

/** @throws {SyntaxError} For a column that does not hold JSON. */
export function itemOfRow(row: Readonly<Record<string, SQLOutputValue>>): MemoryItem {
  const tags = jsonOf(row['tags']);
  const metadata = jsonOf(row['metadata']);
  if (!Array.isArray(tags) || typeof metadata !== 'object' || metadata === null) {
    throw new StorageError('STORAGE_CORRUPT', `memory row ${String(row['id'])} is damaged`);
  }
  return copyItem({
    context_item_id: String(row['id']),
    kind: String(row['kind']),
    source: String(row['source']),
    timestamp: String(row['timestamp']),
    tags: tags.map(String),
    importance: numberOrNull(row['importance']),
    token_cost: numberOrNull(row['token_cost']),
    payload: jsonOf(row['payload']) as MemoryItem['payload'],
    metadata: metadata as MemoryItem['metadata'],
    task_id: textOrNull(row['task_id']),
    project_id: textOrNull(row['project_id']),
  });
}

function jsonOf(column: SQLOutputValue | undefined): unknown {
  return JSON.parse(String(column));
}

function numberOrNull(column: SQLOutputValue | undefined): number | null {
  return typeof column === 'number' ? column : null;
}

function textOrNull(column: SQLOutputValue | undefined): string | null {
  return typeof column === 'string' ? column : null;
}
