import { EVENT_VERSION } from '@agentswarm/core';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { JournalError } from './errors.ts';
import type { NewRow, RecordStore, StoredRow } from './record-store.ts';
import { toJournalError } from './sqlite-errors.ts';

const POLL_MS = 100;

/** Keeps rows in the `events` table of an open journal database, which it owns from here on. */
export function createSqliteStore(
  database: DatabaseSync,
  options: { readonly path: string; readonly readOnly: boolean },
): RecordStore {
  const { path, readOnly } = options;
  const insertRow = readOnly
    ? undefined
    : database.prepare('INSERT INTO events (at_ms, v, type, body) VALUES (?, ?, ?, ?)');
  const selectRows = database.prepare(
    'SELECT seq, at_ms AS atMs, v, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?',
  );
  const selectLast = database.prepare('SELECT coalesce(max(seq), 0) AS seq FROM events');
  const selectMark = database.prepare('PRAGMA data_version');
  const sync = createSyncSwitch(database);

  const guarded = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw toJournalError(error, path);
    }
  };

  return {
    origin: path,
    pollMs: POLL_MS,
    insert: (row: NewRow) =>
      guarded(() => {
        if (insertRow === undefined) {
          throw new JournalError('JOURNAL_READ_ONLY', `${path} is open for reading only`, {
            details: { path },
          });
        }
        sync(row.durable);
        return Number(insertRow.run(row.atMs, EVENT_VERSION, row.type, row.body).lastInsertRowid);
      }),
    select: (afterSeq, limit) => guarded(() => selectRows.all(afterSeq, limit).map(toStoredRow)),
    lastSeq: () => guarded(() => Number(selectLast.get()?.['seq'])),
    changeMark: () => guarded(() => Number(selectMark.get()?.['data_version'])),
    close: () => guarded(() => database.close()),
  };
}

function toStoredRow(row: Record<string, SQLOutputValue>): StoredRow {
  return {
    seq: Number(row['seq']),
    atMs: Number(row['atMs']),
    v: Number(row['v']),
    body: String(row['body']),
  };
}

/** Before a commit: FULL syncs the log to disk with it, NORMAL leaves that to the operating system. */
function createSyncSwitch(database: DatabaseSync): (durable: boolean) => void {
  let current: boolean | undefined;
  return (durable) => {
    if (durable === current) return;
    database.exec(`PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}`);
    current = durable;
  };
}
