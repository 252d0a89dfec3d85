import type { EngineIds } from '../model/engine-ports.ts';
import type { JsonValue } from '../model/json.ts';
import type { MemoryStores, RememberingTask } from './gather-items.ts';
import type { MemoryWriter } from './memory-writer.ts';

/** What the memories of a task, a project and everyone are made from. */
export interface TypedMemoryOptions {
  readonly stores: MemoryStores;
  readonly writer: MemoryWriter;
  readonly ids: EngineIds;
  /** The task on whose behalf something is remembered. */
  readonly task: RememberingTask;
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
