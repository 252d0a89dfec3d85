import type { QueueEntry } from './queue-entry.ts';

/** Whose turn it is: the turn now, and for each owner the first one it has not used. */
export interface Turns {
  readonly now: number;
  readonly next: ReadonlyMap<string, number>;
}

/** Nobody has had a turn. */
export const NO_TURNS: Turns = { now: 0, next: new Map() };

export interface FairOrderOptions {
  readonly nowMs: number;
  /** An entry that waited this long counts as one priority more urgent; again for each further time. */
  readonly agingMs: number;
  readonly turns: Turns;
}

/**
 * The order in which entries should be tried: by priority with ageing, then owners in turn, then arrival.
 *
 * Turns are start-time fair queuing (Goyal, Vin and Cheng, 1996) with every entry costing one turn: an
 * owner who comes late starts at the turn that is now, so nobody saves up turns by staying away.
 */
export function fairOrder(entries: Iterable<QueueEntry>, options: FairOrderOptions): readonly QueueEntry[] {
  const next = new Map<string, number>();
  return [...entries]
    .map((entry) => ({ entry, urgency: urgencyOf(entry, options) }))
    .toSorted((a, b) => a.urgency - b.urgency || a.entry.order - b.entry.order)
    .map(({ entry, urgency }) => {
      const turn = next.get(ownerOf(entry)) ?? firstTurn(entry, options.turns);
      next.set(ownerOf(entry), turn + 1);
      return { entry, urgency, turn };
    })
    .toSorted((a, b) => a.urgency - b.urgency || a.turn - b.turn || a.entry.order - b.entry.order)
    .map(({ entry }) => entry);
}

/** The turns after these entries were taken, in this order. */
export function takeTurns(turns: Turns, taken: readonly QueueEntry[]): Turns {
  const next = new Map(turns.next);
  let { now } = turns;
  for (const entry of taken) {
    const turn = firstTurn(entry, { now: turns.now, next });
    next.set(ownerOf(entry), turn + 1);
    now = Math.max(now, turn);
  }
  return { now, next };
}

function firstTurn(entry: QueueEntry, { now, next }: Turns): number {
  return Math.max(now, next.get(ownerOf(entry)) ?? 0);
}

function urgencyOf({ priority, enqueuedAtMs }: QueueEntry, { nowMs, agingMs }: FairOrderOptions): number {
  return priority - Math.max(0, Math.floor((nowMs - enqueuedAtMs) / agingMs));
}

function ownerOf({ owner }: QueueEntry): string {
  return owner ?? '';
}
