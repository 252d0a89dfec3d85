import type { RunEvent } from '../events/run-event.ts';

/** An event as stored: numbered from 1 without gaps, in the order appended. */
export interface JournalRecord {
  readonly seq: number;
  /** Milliseconds since the Unix epoch, from the journal's clock. */
  readonly atMs: number;
  readonly event: RunEvent;
}

/** What a component that only reports needs of a journal. */
export interface EventSink {
  /**
   * Stores an event. When it returns, the event survives a crash of the process; with
   * `isDurableEvent(event)` also a crash of the machine.
   *
   * Contract: synchronous, atomic, validates the event, throws when it could not be stored.
   */
  append(event: RunEvent): JournalRecord;
}

/** The append-only log of one run. All state is a fold over it. */
export interface Journal extends EventSink, AsyncDisposable {
  /** Records after `afterSeq` (default 0), in order, as stored at the time of the call. */
  read(afterSeq?: number): Iterable<JournalRecord>;
  /**
   * Records after `afterSeq`, then every later one as it is appended, also by another process.
   * Ends when `signal` aborts or the journal is closed.
   */
  follow(options?: {
    readonly afterSeq?: number;
    readonly signal?: AbortSignal;
  }): AsyncIterable<JournalRecord>;
  /** Releases the store; further calls throw. */
  close(): void;
}
