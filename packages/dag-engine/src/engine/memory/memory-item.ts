import type { ContextItem } from '../model/context.ts';
import { createJsonFreezer } from '../model/frozen-json.ts';
import type { JsonObject } from '../model/json.ts';
import { StorageError } from '../storage/storage-error.ts';

/** What a store keeps: a context item and whose it is. */
export interface MemoryItem extends ContextItem {
  readonly task_id: string | null;
  readonly project_id: string | null;
}

const freeze = createJsonFreezer();

/**
 * Copies an item deeply frozen, so that neither its giver nor a reader can change what is kept.
 *
 * @throws {StorageError} ITEM_INVALID for an empty id or a field no backend could give back as it was.
 */
export function copyItem(item: MemoryItem): MemoryItem {
  const { context_item_id, kind, source, timestamp, tags, importance, token_cost } = item;
  if (context_item_id === '') throw invalid(item, 'has no id');
  for (const text of [
    context_item_id,
    kind,
    source,
    timestamp,
    ...tags,
    item.task_id ?? '',
    item.project_id ?? '',
  ]) {
    if (!text.isWellFormed()) throw invalid(item, 'has a text that is not well-formed Unicode');
  }
  const copy = {
    context_item_id,
    kind,
    source,
    timestamp,
    tags,
    importance,
    token_cost,
    payload: item.payload,
    metadata: item.metadata,
    task_id: item.task_id,
    project_id: item.project_id,
  };
  return freeze(copy) as JsonObject & MemoryItem;
}

function invalid(item: MemoryItem, what: string): StorageError {
  return new StorageError('ITEM_INVALID', `memory item ${JSON.stringify(item.context_item_id)} ${what}`);
}
