const SMALLEST_BYTES = 4096;
/** Room that is kept when everything in it was read. */
const KEPT_BYTES = 65_536;
const NOTHING = Buffer.alloc(0);

/** Bytes that have arrived and are not read yet, in one piece; adding some does not copy the others each time. */
export class UnreadBytes {
  #store = NOTHING;
  #start = 0;
  #end = 0;

  /** A view that holds until something is added or dropped. */
  get bytes(): Buffer {
    return this.#store.subarray(this.#start, this.#end);
  }

  add(chunk: Buffer): void {
    if (this.#end + chunk.length > this.#store.length) this.#makeRoom(chunk.length);
    chunk.copy(this.#store, this.#end);
    this.#end += chunk.length;
  }

  /** Forgets the first `count` bytes. */
  drop(count: number): void {
    this.#start += count;
    if (this.#start === this.#end) this.clear();
  }

  clear(): void {
    if (this.#store.length > KEPT_BYTES) this.#store = NOTHING;
    this.#start = 0;
    this.#end = 0;
  }

  #makeRoom(count: number): void {
    const { bytes } = this;
    const store = Buffer.allocUnsafeSlow(Math.max(SMALLEST_BYTES, 2 * bytes.length + count));
    bytes.copy(store);
    this.#store = store;
    this.#start = 0;
    this.#end = bytes.length;
  }
}
