import { z } from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import { StorageError } from '../storage/storage-error.ts';
import { copyItem, type MemoryItem } from './memory-item.ts';

/** What one line of a memory file says. */
export type ItemLine =
  | { readonly kind: 'item'; readonly item: MemoryItem }
  | { readonly kind: 'deleted'; readonly id: string }
  | { readonly kind: 'bad'; readonly lineNumber: number };

const NEWLINE = 0x0a;

const DeletionSchema = z.object({ context_item_id: z.string().min(1), _deleted: z.literal(true) });

/** Lines of other programs may leave out what has an obvious default. */
const ItemSchema = z.object({
  context_item_id: z.string(),
  kind: z.string(),
  source: z.string(),
  timestamp: z.string().default(''),
  tags: z.array(z.string()).default([]),
  importance: z.number().nullable().default(null),
  token_cost: z.number().nullable().default(null),
  payload: z.custom<JsonValue>(() => true).default(null),
  metadata: z.custom<JsonObject>(isJsonObject).default({}),
  task_id: z.string().nullable().default(null),
  project_id: z.string().nullable().default(null),
});

export function deletionLine(id: string): string {
  return JSON.stringify({ context_item_id: id, _deleted: true });
}

/** Reads every line; blank ones are skipped. The last may be torn: then it is bad, unless it happens to be whole. */
export function* parseItemLines(content: Uint8Array): Generator<ItemLine, void, undefined> {
  let lineNumber = 0;
  for (let start = 0; start < content.length;) {
    const newline = content.indexOf(NEWLINE, start);
    const end = newline === -1 ? content.length : newline;
    lineNumber += 1;
    const line = content.subarray(start, end);
    if (line.length > 0) yield parseLine(line) ?? { kind: 'bad', lineNumber };
    start = end + 1;
  }
}

function parseLine(line: Uint8Array): ItemLine | undefined {
  try {
    const value: unknown = JSON.parse(textOf(line));
    const deletion = DeletionSchema.safeParse(value);
    if (deletion.success) return { kind: 'deleted', id: deletion.data.context_item_id };
    const item = ItemSchema.safeParse(value);
    return item.success ? { kind: 'item', item: copyItem(item.data) } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof StorageError)
      return undefined;
    throw error;
  }
}

/** Bytes that are not UTF-8 must not become a text that looks right. */
function textOf(line: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
}
