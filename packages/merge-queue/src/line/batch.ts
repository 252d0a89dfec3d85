import type { Composition } from '../compose/composition.ts';
import type { QueueEntry } from '../entry/queue-entry.ts';

/** Branches gated together. */
export interface Batch {
  readonly entries: readonly QueueEntry[];
  /** Absent until it is composed, and again when what it was composed on is out of date. */
  readonly composition?: Composition;
}

/** Cuts a red batch into parts to be judged one by one: as many as there are slots, at least two, none empty. */
export function splitBatch(batch: Batch, slots: number): readonly Batch[] {
  const { entries } = batch;
  const parts = Math.min(entries.length, Math.max(2, slots));
  return Array.from({ length: parts }, (_, part) => ({
    entries: entries.slice(
      Math.floor((part * entries.length) / parts),
      Math.floor(((part + 1) * entries.length) / parts),
    ),
  }));
}
