import {
  isDurableEvent,
  type Clock,
  type Journal,
  type JournalRecord,
  type RunEvent,
} from '@agentswarm/core';
import { ChangeSignal } from './change-signal.ts';
import { JournalError } from './errors.ts';
import { decodeRow, encodeEvent } from './event-codec.ts';
import type { RecordStore } from './record-store.ts';

/** Rows fetched at once, so that a slow reader never holds a read transaction open. */
const BATCH_ROWS = 256;

/** A journal over any store: validates, numbers, follows. */
export class StoreJournal implements Journal {
  readonly #store: RecordStore;
  readonly #clock: Clock;
  readonly #changes = new ChangeSignal();
  #closed = false;

  constructor(store: RecordStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  append(event: RunEvent): JournalRecord {
    this.#assertOpen();
    const body = encodeEvent(event);
    const atMs = this.#clock.nowMs();
    const seq = this.#store.insert({ atMs, type: event.type, body, durable: isDurableEvent(event) });
    this.#changes.notify();
    return { seq, atMs, event: JSON.parse(body) as RunEvent };
  }

  read(afterSeq = 0): Iterable<JournalRecord> {
    this.#assertOpen();
    return this.#readUntil(afterSeq, this.#store.lastSeq());
  }

  follow(options: { readonly afterSeq?: number; readonly signal?: AbortSignal } = {}) {
    this.#assertOpen();
    return this.#follow(options.afterSeq ?? 0, options.signal);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#changes.notify();
    this.#store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  *#readUntil(afterSeq: number, lastSeq: number): Generator<JournalRecord, void, undefined> {
    let seq = afterSeq;
    while (seq < lastSeq) {
      this.#assertOpen();
      const batch = this.#nextBatch(seq, Math.min(BATCH_ROWS, lastSeq - seq));
      if (batch.length === 0) {
        throw this.#corrupt(`records ${seq + 1} to ${lastSeq} of ${this.#store.origin} are missing`);
      }
      for (const record of batch) yield record;
      seq += batch.length;
    }
  }

  async *#follow(
    afterSeq: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<JournalRecord, void, undefined> {
    const ended = () => this.#closed || signal?.aborted === true;
    let seq = afterSeq;
    while (!ended()) {
      // Taken before reading: a write in between then differs from it and ends the wait at once.
      const mark = this.#store.changeMark();
      const batch = this.#nextBatch(seq, BATCH_ROWS);
      for (const record of batch) {
        if (ended()) return;
        seq = record.seq;
        yield record;
      }
      if (batch.length > 0) continue;
      await this.#changes.wait({
        changed: () => this.#store.changeMark() !== mark,
        pollMs: this.#store.pollMs,
        signal,
      });
    }
  }

  #nextBatch(afterSeq: number, limit: number): JournalRecord[] {
    const rows = this.#store.select(afterSeq, limit);
    return rows.map((row, index) => {
      const expected = afterSeq + index + 1;
      if (row.seq !== expected) throw this.#corrupt(`record ${expected} of ${this.#store.origin} is missing`);
      return decodeRow(row, this.#store.origin);
    });
  }

  #corrupt(message: string): JournalError {
    return new JournalError('JOURNAL_CORRUPT', message, { details: { path: this.#store.origin } });
  }

  #assertOpen(): void {
    if (!this.#closed) return;
    throw new JournalError('JOURNAL_CLOSED', `journal ${this.#store.origin} is closed`, {
      details: { path: this.#store.origin },
    });
  }
}
