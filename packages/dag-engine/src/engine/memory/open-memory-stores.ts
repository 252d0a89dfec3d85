import type { Logger } from '@agentswarm/core';
import { join } from 'node:path';
import type { EngineClock } from '../model/engine-ports.ts';
import type { MemoryConfig, MemoryStoreConfig } from '../model/manifest-set.ts';
import type { StoreName } from '../model/vocabulary.ts';
import { placeOf } from '../storage/place.ts';
import { StorageError } from '../storage/storage-error.ts';
import type { MemoryStores } from './gather-items.ts';
import { InMemoryStore } from './in-memory-store.ts';
import { JsonlStore } from './jsonl-store.ts';
import type { MemoryStore, Retention } from './memory-store.ts';
import { SqliteStore } from './sqlite-store.ts';

export interface OpenMemoryStoresOptions {
  /** Absolute; memories are kept in `memory/` below it unless a path is declared. */
  readonly stateRoot: string;
  readonly clock: EngineClock;
  readonly logger?: Logger;
  /** Makes the store of a backend that is not built in; `null` for one it does not know. */
  readonly createMemoryStore?: (
    backend: string,
    store: StoreName,
    config: MemoryStoreConfig,
  ) => MemoryStore | null;
}

const BUILT_IN_BACKENDS: readonly string[] = ['in_memory', 'file', 'sqlite'];
const STORE_NAMES: readonly StoreName[] = ['task', 'project', 'global'];

/** Stores whose backend is neither built in nor registered. */
export function selectUnservedStores(
  { stores }: Pick<MemoryConfig, 'stores'>,
  isRegistered: (backend: string) => boolean,
): readonly { readonly store: StoreName; readonly backend: string }[] {
  return STORE_NAMES.map((store) => ({ store, backend: stores[store].backend })).filter(
    ({ backend }) => !BUILT_IN_BACKENDS.includes(backend) && !isRegistered(backend),
  );
}

/**
 * Opens the three stores. The caller closes them; when one cannot be opened, those already open are closed.
 *
 * @throws {StorageError} BACKEND_UNKNOWN, and what opening a file or database throws.
 */
export async function openMemoryStores(
  { stores }: Pick<MemoryConfig, 'stores'>,
  options: OpenMemoryStoresOptions,
): Promise<MemoryStores> {
  const opened: MemoryStore[] = [];
  const open = (name: StoreName) => {
    const store = openStore(name, stores[name], options);
    opened.push(store);
    return store;
  };
  try {
    return { task: open('task'), project: open('project'), global: open('global') };
  } catch (error) {
    for (const store of opened) await store.close();
    throw error;
  }
}

function openStore(
  store: StoreName,
  config: MemoryStoreConfig,
  options: OpenMemoryStoresOptions,
): MemoryStore {
  const { stateRoot, clock, logger, createMemoryStore } = options;
  const retention: Retention = { maxItems: config.max_items, perTask: store === 'task' };
  const place = (declared: string | null, name: string) => placeOf(stateRoot, declared, join('memory', name));
  switch (config.backend) {
    case 'in_memory':
      return new InMemoryStore(retention);
    case 'file': {
      const path = place(config.file_path, `${store}_store.jsonl`);
      return new JsonlStore({ path, ...retention, ...(logger === undefined ? {} : { logger }) });
    }
    case 'sqlite':
      return new SqliteStore({ path: place(config.db_path, 'memory.db'), store, ...retention, clock });
    default: {
      const made = createMemoryStore?.(config.backend, store, config) ?? null;
      if (made !== null) return made;
      throw new StorageError(
        'BACKEND_UNKNOWN',
        `memory.${store}_store: there is no backend "${config.backend}"`,
      );
    }
  }
}
