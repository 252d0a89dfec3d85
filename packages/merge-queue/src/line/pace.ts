/** How much the queue dares at once. */
export interface Pace {
  /** Batches gated on top of each other. */
  readonly window: number;
  /** Most branches in a batch. */
  readonly batchSize: number;
}

export interface PaceLimits {
  readonly slots: number;
  readonly maxBatch: number;
}

/** A queue that has seen nothing go wrong begins with all it may do. */
export function fullPace({ slots, maxBatch }: PaceLimits): Pace {
  return { window: slots, batchSize: maxBatch };
}

/** Additive increase after a landing, as Zuul paces its window. */
export function speedUp({ window, batchSize }: Pace, { slots, maxBatch }: PaceLimits): Pace {
  return { window: Math.min(slots, window + 1), batchSize: Math.min(maxBatch, batchSize + 1) };
}

/** Multiplicative decrease after a red batch. */
export function slowDown({ window, batchSize }: Pace): Pace {
  return { window: Math.max(1, Math.ceil(window / 2)), batchSize: Math.max(1, Math.floor(batchSize / 2)) };
}

/** How many of the waiting go into the next batch: spread over the free places, within the pace. */
export function nextBatchSize(waiting: number, freePlaces: number, { batchSize }: Pace): number {
  return Math.max(1, Math.min(batchSize, Math.ceil(waiting / Math.max(1, freePlaces))));
}
