import { DatabaseSync } from 'node:sqlite';
import { JournalError } from './errors.ts';
import { toJournalError } from './sqlite-errors.ts';

/** "ASwl": marks the file as a log, so that no other SQLite file is written to. */
const APPLICATION_ID = 0x4153776c;

/** JSON values in the order they were appended; the owner closes it. */
export interface SqliteLog extends Disposable {
  /** Every value, in order. @throws {JournalError} JOURNAL_CORRUPT. */
  read(): Iterable<unknown>;
  /**
   * Stores a value. When it returns, the value survives `kill -9` of the process.
   *
   * @throws {JournalError} EVENT_INVALID for a value JSON cannot hold, DISK_FULL, JOURNAL_CLOSED; nothing is stored.
   */
  append(value: unknown): void;
  /** Releases the file; further calls throw. */
  close(): void;
}

/**
 * Opens a log of values of any kind in a SQLite file, creating it if needed: the memory of something
 * that must go on after a crash, such as a `runGraph` of `@agentswarm/dag-engine`. One process at a
 * time has it, so that two never do the same work.
 *
 * @throws {JournalError} JOURNAL_LOCKED when another process has it; NOT_A_JOURNAL for any other file;
 * DISK_FULL, JOURNAL_IO_FAILED.
 * @example
 * using log = openSqliteLog({ path: 'build.db' });
 */
export function openSqliteLog({ path }: { readonly path: string }): SqliteLog {
  const database = openExclusively(path);
  const insert = database.prepare('INSERT INTO entries (body) VALUES (?)');
  const select = database.prepare('SELECT seq, body FROM entries ORDER BY seq');

  const guarded = <Result>(work: () => Result): Result => {
    if (!database.isOpen)
      throw new JournalError('JOURNAL_CLOSED', `${path} is closed`, { details: { path } });
    try {
      return work();
    } catch (error) {
      throw toJournalError(error, path);
    }
  };
  const close = () => {
    if (database.isOpen) database.close();
  };

  return {
    read: () =>
      guarded(() => select.all().map(({ seq, body }) => parseEntry(body, `entry ${Number(seq)} of ${path}`))),
    append: (value) => {
      const body = encode(value, path);
      guarded(() => insert.run(body));
    },
    close,
    [Symbol.dispose]: close,
  };
}

function openExclusively(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    prepare(database, path);
    return database;
  } catch (error) {
    database?.close();
    throw toJournalError(error, path);
  }
}

function prepare(database: DatabaseSync, path: string): void {
  const tables = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.['count'];
  const id = database.prepare('PRAGMA application_id').get()?.['application_id'];
  if (id !== APPLICATION_ID && (tables !== 0 || id !== 0)) {
    throw new JournalError('NOT_A_JOURNAL', `${path} is not a log`, { details: { path } });
  }
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY, body TEXT NOT NULL);
    PRAGMA application_id = ${APPLICATION_ID};
    COMMIT;
  `);
}

function encode(value: unknown, path: string): string {
  let body: string | undefined;
  try {
    body = JSON.stringify(value);
  } catch (cause) {
    throw new JournalError('EVENT_INVALID', `a value for ${path} cannot be written as JSON`, {
      details: { path },
      cause,
    });
  }
  if (typeof body === 'string') return body;
  throw new JournalError('EVENT_INVALID', `a value for ${path} is nothing JSON can hold`, {
    details: { path },
  });
}

function parseEntry(body: unknown, what: string): unknown {
  try {
    return JSON.parse(String(body));
  } catch (cause) {
    throw new JournalError('JOURNAL_CORRUPT', `${what} is not JSON`, { cause });
  }
}
