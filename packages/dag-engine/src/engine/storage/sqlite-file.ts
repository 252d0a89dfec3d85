import { DatabaseSync } from 'node:sqlite';
import { ensurePrivateFile } from './private-file.ts';
import { storageClosed, toStorageError } from './storage-error.ts';

/** How long a call may block while another process commits. */
const BUSY_TIMEOUT_MS = 5_000;

/** An open database that several processes may use at once. */
export interface SqliteFile {
  readonly path: string;
  /** Runs `work` and turns what it throws into a {@link StorageError}. */
  use<Result>(work: (database: DatabaseSync) => Result): Result;
  /** The same, all or nothing. */
  change<Result>(work: (database: DatabaseSync) => Result): Result;
  close(): void;
}

/**
 * Opens a database in WAL mode, creating it and its folder for the owner alone, and runs `schema`, which must be repeatable.
 *
 * @throws {StorageError} STORAGE_CORRUPT, STORAGE_READ_ONLY, STORAGE_LOCKED, STORAGE_FULL.
 */
export function openSqliteFile(path: string, schema: string): SqliteFile {
  let database: DatabaseSync | undefined;
  try {
    ensurePrivateFile(path);
    database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    inTransaction(database, (open) => open.exec(schema));
    return new OpenSqliteFile(path, database);
  } catch (error) {
    database?.close();
    throw toStorageError(error, path);
  }
}

class OpenSqliteFile implements SqliteFile {
  readonly path: string;
  #database: DatabaseSync | undefined;

  constructor(path: string, database: DatabaseSync) {
    this.path = path;
    this.#database = database;
  }

  use<Result>(work: (database: DatabaseSync) => Result): Result {
    if (this.#database === undefined) throw storageClosed(this.path);
    try {
      return work(this.#database);
    } catch (error) {
      throw toStorageError(error, this.path);
    }
  }

  change<Result>(work: (database: DatabaseSync) => Result): Result {
    return this.use((database) => inTransaction(database, work));
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }
}

function inTransaction<Result>(database: DatabaseSync, work: (database: DatabaseSync) => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work(database);
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
