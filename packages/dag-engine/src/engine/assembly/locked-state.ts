import { basename } from 'node:path';
import type { MemoryConfig } from '../model/manifest-set.ts';
import { STORE_NAMES } from '../model/vocabulary.ts';
import { placeOf } from '../storage/place.ts';
import { StorageError } from '../storage/storage-error.ts';

const WHAT_TO_DO = 'try again when it has ended, or give this one a state root of its own';

/** Whether somebody else has the state: nothing is wrong with the configuration, and the next attempt may succeed. */
export function isLocked(error: unknown): error is StorageError {
  return error instanceof StorageError && error.code === 'STORAGE_LOCKED';
}

/** The same error, saying which memory store it is about. */
export function lockedStore(
  error: StorageError,
  at: { readonly memory: Pick<MemoryConfig, 'stores'>; readonly stateRoot: string },
): StorageError {
  const path = error.details['path'];
  const store = typeof path === 'string' ? storeAt(path, at) : undefined;
  return naming(error, store === undefined ? 'a memory store' : `the ${store} store of memory.yaml`);
}

/** The same error, saying that it is about the artifacts. */
export function lockedArtifacts(error: StorageError): StorageError {
  return naming(error, 'the artifact store');
}

function naming(error: StorageError, store: string): StorageError {
  const message = `${store} cannot be opened: ${error.message}; ${WHAT_TO_DO}`;
  return new StorageError(error.code, message, { details: { ...error.details, store }, cause: error });
}

/** A store without a declared path has a file of its name. */
function storeAt(
  path: string,
  { memory, stateRoot }: { readonly memory: Pick<MemoryConfig, 'stores'>; readonly stateRoot: string },
) {
  return STORE_NAMES.find((name) => {
    const { file_path: declared } = memory.stores[name];
    return declared === null
      ? basename(path).startsWith(`${name}_store.`)
      : placeOf(stateRoot, declared, '') === path;
  });
}
