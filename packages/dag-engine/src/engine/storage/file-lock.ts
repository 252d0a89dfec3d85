import { DatabaseSync } from 'node:sqlite';
import { ensurePrivateFile } from './private-file.ts';
import { toStorageError } from './storage-error.ts';

/** Keeps held locks reachable: a collected database would be closed and the lock silently lost. */
const HELD = new Set<DatabaseSync>();

/**
 * Takes the lock of the file `path`, in a file beside it that stays behind empty; the operating system gives it back
 * when the process ends in any way, so no stale lock can exist.
 *
 * @throws {StorageError} STORAGE_LOCKED when it is held, in this process or another.
 */
export function lockFile(path: string): Disposable {
  let database: DatabaseSync | undefined;
  try {
    ensurePrivateFile(`${path}.lock`);
    database = new DatabaseSync(`${path}.lock`, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    throw toStorageError(error, path);
  }
  const held = database;
  HELD.add(held);
  return {
    [Symbol.dispose]: () => {
      if (HELD.delete(held)) held.close();
    },
  };
}
