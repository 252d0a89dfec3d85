import { EVENT_VERSION } from '@agentswarm/core';
import type { DatabaseSync } from 'node:sqlite';
import { JournalError } from './errors.ts';
import { isBusy } from './sqlite-errors.ts';

/** "ASwm": marks the file as a journal of this program. */
const APPLICATION_ID = 0x4153776d;

const MAX_SWITCH_ATTEMPTS = 500;
const SWITCH_PAUSE_MS = 10;

/** Turns an empty database into a journal; leaves a journal as it is. */
export function prepareForWriting(database: DatabaseSync, path: string): void {
  if (isEmpty(database)) createSchema(database, path);
  assertJournal(database, path);
  database.exec('PRAGMA fullfsync = ON');
}

/** @throws {JournalError} JOURNAL_NOT_FOUND, NOT_A_JOURNAL or JOURNAL_NEWER_VERSION. */
export function assertJournal(database: DatabaseSync, path: string): void {
  const details = { path };
  if (isEmpty(database)) {
    throw new JournalError('JOURNAL_NOT_FOUND', `${path} holds no journal yet`, { details });
  }
  if (readPragma(database, 'application_id') !== APPLICATION_ID) {
    throw new JournalError('NOT_A_JOURNAL', `${path} is not a journal`, { details });
  }
  const version = Number(readPragma(database, 'user_version'));
  if (version > EVENT_VERSION) {
    throw new JournalError(
      'JOURNAL_NEWER_VERSION',
      `${path} was written with event version ${version}; this program reads up to ${EVENT_VERSION}`,
      { details: { path, version, supported: EVENT_VERSION } },
    );
  }
}

function createSchema(database: DatabaseSync, path: string): void {
  const mode = switchToWal(database);
  if (mode !== 'wal') {
    throw new JournalError('JOURNAL_IO_FAILED', `${path} is on a file system without write-ahead logging`, {
      details: { path, mode },
    });
  }
  // One transaction: another process sees no journal or a whole one.
  database.exec('BEGIN IMMEDIATE');
  try {
    if (isEmpty(database)) {
      database.exec(`
        CREATE TABLE events (
          seq INTEGER PRIMARY KEY,
          at_ms INTEGER NOT NULL,
          v INTEGER NOT NULL,
          type TEXT NOT NULL,
          body TEXT NOT NULL
        );
        PRAGMA application_id = ${APPLICATION_ID};
        PRAGMA user_version = ${EVENT_VERSION};
      `);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** SQLite does not wait for other connections here, so two processes creating one file need this. */
function switchToWal(database: DatabaseSync): unknown {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return readPragma(database, 'journal_mode = WAL');
    } catch (error) {
      if (!isBusy(error) || attempt === MAX_SWITCH_ATTEMPTS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SWITCH_PAUSE_MS);
    }
  }
}

function isEmpty(database: DatabaseSync): boolean {
  const row = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get();
  return row?.['tables'] === 0 && readPragma(database, 'application_id') === 0;
}

function readPragma(database: DatabaseSync, pragma: string): unknown {
  const row = database.prepare(`PRAGMA ${pragma}`).get();
  return row === undefined ? undefined : Object.values(row)[0];
}
