import { EVENT_VERSION, systemClock, type Clock, type Journal, type JournalRecord } from '@agentswarm/core';
import { encodeEvent } from './event-codec.ts';
import type { RecordStore, StoredRow } from './record-store.ts';
import { StoreJournal } from './store-journal.ts';

/**
 * Creates a journal that lives in memory: for tests, and for reading exported records.
 *
 * `clock` (default: the system's) stamps new records. `records` are there from the start, with the
 * times they bring; they are numbered anew from 1.
 *
 * @throws {JournalError} EVENT_INVALID when one of `records` is no valid event.
 */
export function createMemoryJournal(
  options: { readonly clock?: Clock; readonly records?: Iterable<JournalRecord> } = {},
): Journal {
  const rows: StoredRow[] = [];
  for (const record of options.records ?? []) {
    rows.push({
      seq: rows.length + 1,
      atMs: record.atMs,
      v: EVENT_VERSION,
      body: encodeEvent(record.event),
    });
  }
  return new StoreJournal(memoryStore(rows), options.clock ?? systemClock);
}

function memoryStore(rows: StoredRow[]): RecordStore {
  return {
    origin: '(memory)',
    insert({ atMs, body }) {
      const seq = rows.length + 1;
      rows.push({ seq, atMs, v: EVENT_VERSION, body });
      return seq;
    },
    select: (afterSeq, limit) => rows.slice(afterSeq, afterSeq + limit),
    lastSeq: () => rows.length,
    changeMark: () => rows.length,
    close: () => undefined,
  };
}
