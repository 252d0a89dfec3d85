import type { EngineIds } from '../model/engine-ports.ts';
import type { JsonValue } from '../model/json.ts';
import type { MemoryStores } from './gather-items.ts';
import type { MemoryOwner, MemoryWriter } from './memory-writer.ts';

/** Asks whether something may be done to the memory everyone shares. */
export type Confirm = (what: string) => boolean | Promise<boolean>;

/** A task as the owner of what it remembers. */
export type TaskOwner = MemoryOwner & { readonly task_id: string };

/** What the memories of a task, a project and everyone are made from. */
export interface TypedMemoryOptions<Owner extends MemoryOwner = MemoryOwner> {
  readonly stores: MemoryStores;
  readonly writer: Pick<MemoryWriter, 'put'>;
  readonly ids: EngineIds;
  readonly owner: Owner;
  /** Asked before preferences are added to what everyone shares, and before that is cleared. Default: yes. */
  readonly confirm?: Confirm;
}

/** Something remembered, in words. */
export interface Remark {
  readonly text: string;
  readonly tags?: readonly string[];
}

/** Payload of an item that holds a text and perhaps more. */
export function payloadOf(text: string, more: Readonly<Record<string, string | undefined>>): JsonValue {
  const given = Object.entries(more).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return { text, ...Object.fromEntries(given) };
}
