import { applyRecord, INITIAL_RUN_STATE, type Journal, type RunEvent, type RunState } from '@agentswarm/core';

/** The journal of the live run together with the state folded from it. */
export interface RunLog {
  /** The state including every event appended so far, by anyone. */
  state(): RunState;
  append(event: RunEvent): void;
  /** Resolves when an event is appended after the state was last read. Rejects when `signal` aborts. */
  changed(signal: AbortSignal): Promise<void>;
}

/** Follows a journal that several components of this process append to. */
export function createRunLog(journal: Journal): RunLog {
  let folded: RunState = INITIAL_RUN_STATE;
  const state = () => {
    for (const record of journal.read(folded.lastSeq)) folded = applyRecord(folded, record);
    return folded;
  };
  return {
    state,
    append: (event) => void journal.append(event),
    async changed(signal) {
      const stop = new AbortController();
      const both = AbortSignal.any([signal, stop.signal]);
      const records = journal.follow({ afterSeq: folded.lastSeq, signal: both })[Symbol.asyncIterator]();
      await records.next();
      stop.abort();
      await records.return?.();
      signal.throwIfAborted();
    },
  };
}
