/** How many snapshots are kept of an attempt. */
export interface SnapshotBounds {
  /** The newest so many are always kept, and the first. */
  readonly newest: number;
  /** At most so many in all. Contract: more than `newest` + 1. */
  readonly total: number;
}

const SNAPSHOT_BOUNDS: SnapshotBounds = { newest: 10, total: 40 };

/**
 * Chooses the snapshots to give up, by their numbers: besides the first and the newest stay the multiples of the
 * smallest power of two that keeps the total. So the whole time stays covered, evenly, and what is kept once more
 * snapshots have come was kept before.
 */
export function selectSuperfluous(
  numbers: readonly number[],
  { newest, total }: SnapshotBounds = SNAPSHOT_BOUNDS,
): number[] {
  const sorted = numbers.toSorted((a, b) => a - b);
  const always = new Set([...sorted.slice(0, 1), ...sorted.slice(-newest)]);
  for (let step = 1; ; step *= 2) {
    const superfluous = sorted.filter((number) => !always.has(number) && number % step !== 0);
    if (sorted.length - superfluous.length <= Math.max(total, always.size)) return superfluous;
  }
}
