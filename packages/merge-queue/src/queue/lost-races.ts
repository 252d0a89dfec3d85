import type { QueueStop } from '../errors.ts';
import type { QueueContext } from './queue-context.ts';

/** How often in a row somebody else may move the target between our reading and our moving it. */
const MAX_LOST_RACES = 8;

/** Counts compare-and-swaps lost in a row. */
export class LostRaces {
  readonly #context: Pick<QueueContext, 'branch'>;
  #count = 0;

  constructor(context: Pick<QueueContext, 'branch'>) {
    this.#context = context;
  }

  won(): void {
    this.#count = 0;
  }

  /** Gives the stop when it has happened too often. */
  lost(): QueueStop | undefined {
    this.#count += 1;
    if (this.#count < MAX_LOST_RACES) return undefined;
    const { branch } = this.#context;
    const message = `${branch} moved during each of ${MAX_LOST_RACES} attempts to land`;
    return { code: 'TARGET_MOVING', message };
  }
}
