import { systemClock, type Clock, type Journal } from '@agentswarm/core';
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { JournalError } from './errors.ts';
import { toJournalError } from './sqlite-errors.ts';
import { assertJournal, prepareForWriting } from './sqlite-schema.ts';
import { createSqliteStore } from './sqlite-store.ts';
import { StoreJournal } from './store-journal.ts';

/** How long a call may block while another process commits. */
const BUSY_TIMEOUT_MS = 5_000;

export interface SqliteJournalOptions {
  /** The database file; its folder must exist. SQLite keeps `-wal` and `-shm` beside it while it is open. */
  readonly path: string;
  /** Stamps new records. Default: the system's clock. */
  readonly clock?: Clock;
  /** Only read and follow; the file must exist. Works beside a live writer and after a killed one. Default false. */
  readonly readOnly?: boolean;
}

/**
 * Opens the journal in a SQLite file, creating it unless `readOnly`. Several processes may have it
 * open at once; their records are numbered in the order they were committed. The caller closes it.
 *
 * @throws {JournalError} JOURNAL_NOT_FOUND when `readOnly` and there is none; NOT_A_JOURNAL for any
 * other file; JOURNAL_NEWER_VERSION for a journal of a newer program; JOURNAL_LOCKED, DISK_FULL,
 * JOURNAL_IO_FAILED when the file cannot be used.
 * @example
 * await using journal = openSqliteJournal({ path: 'journal.db' });
 * journal.append({ type: 'notice_raised', level: 'info', message: 'hello' });
 */
export function openSqliteJournal(options: SqliteJournalOptions): Journal {
  const { path, readOnly = false } = options;
  if (readOnly && !existsSync(path)) {
    throw new JournalError('JOURNAL_NOT_FOUND', `${path} does not exist`, { details: { path } });
  }
  const database = openDatabase(path, readOnly);
  try {
    if (readOnly) assertJournal(database, path);
    else prepareForWriting(database, path);
    return new StoreJournal(createSqliteStore(database, { path, readOnly }), options.clock ?? systemClock);
  } catch (error) {
    database.close();
    throw toJournalError(error, path);
  }
}

function openDatabase(path: string, readOnly: boolean): DatabaseSync {
  try {
    return new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw toJournalError(error, path);
  }
}
