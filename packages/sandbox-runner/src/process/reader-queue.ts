const MAX_WAITING_BYTES = 1024 * 1024;
/** Dropped items are taken out so many bytes at once: one by one, each would move all that wait. */
const MAX_DROPPED_BYTES = 1024 * 1024;

/**
 * What a source gave and at most one reader has not taken yet. Until somebody reads, only the newest items
 * are kept; once somebody does, `onRoom` tells the source to go on after {@link ReaderQueue.add} said it is full.
 */
export class ReaderQueue<Item> implements AsyncIterable<Item> {
  readonly #onRoom: () => void;
  #waiting: { readonly item: Item; readonly bytes: number }[] = [];
  #waitingBytes = 0;
  /** Items at the start that nobody gets any more. */
  #dropped = 0;
  #droppedBytes = 0;
  #reader: 'none' | 'reading' | 'gone' = 'none';
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(onRoom: () => void) {
    this.#onRoom = onRoom;
  }

  /** Takes an item; false asks the source to wait for `onRoom`. */
  add(item: Item, bytes: number): boolean {
    if (this.#reader === 'gone') return true;
    this.#waiting.push({ item, bytes });
    this.#waitingBytes += bytes;
    if (this.#reader === 'none') this.#dropOldest();
    this.#wake?.();
    return this.#reader === 'none' || this.#waitingBytes < MAX_WAITING_BYTES;
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    if (this.#reader !== 'none') return;
    this.#reader = 'reading';
    try {
      for (;;) {
        const batch = this.#waiting.slice(this.#dropped);
        this.#waiting = [];
        this.#dropped = 0;
        this.#waitingBytes = 0;
        if (batch.length > 0) this.#onRoom();
        for (const { item } of batch) yield item;
        if (this.#waiting.length > 0) continue;
        if (this.#ended) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    } finally {
      this.#reader = 'gone';
      this.#waiting.length = 0;
      this.#onRoom();
    }
  }

  #dropOldest(): void {
    while (this.#waitingBytes > MAX_WAITING_BYTES && this.#waiting.length - this.#dropped > 1) {
      const bytes = this.#waiting[this.#dropped]?.bytes ?? 0;
      this.#waitingBytes -= bytes;
      this.#droppedBytes += bytes;
      this.#dropped += 1;
    }
    if (this.#droppedBytes < MAX_DROPPED_BYTES) return;
    this.#waiting = this.#waiting.slice(this.#dropped);
    this.#dropped = 0;
    this.#droppedBytes = 0;
  }
}
