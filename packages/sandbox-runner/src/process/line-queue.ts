const MAX_LINE_BYTES = 1024 * 1024;
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * Splits a byte stream into lines for at most one reader. Until somebody reads, only the newest
 * lines are kept; once somebody does, `onFull` and `onRoom` tell the source to pause and resume.
 */
export class LineQueue implements AsyncIterable<string> {
  readonly #onRoom: () => void;
  readonly #waiting: string[] = [];
  #waitingBytes = 0;
  #partial: Uint8Array[] = [];
  #partialBytes = 0;
  #reader: 'none' | 'reading' | 'gone' = 'none';
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(onRoom: () => void) {
    this.#onRoom = onRoom;
  }

  /** Takes bytes; false asks the source to wait for `onRoom`. */
  add(chunk: Uint8Array): boolean {
    if (this.#reader === 'gone') return true;
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      this.#extend(rest.subarray(0, end));
      this.#finishLine();
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) this.#extend(rest);
    this.#wake?.();
    return this.#reader === 'none' || this.#waitingBytes < MAX_WAITING_BYTES;
  }

  end(): void {
    if (this.#partialBytes > 0) this.#finishLine();
    this.#ended = true;
    this.#wake?.();
  }

  #extend(part: Uint8Array): void {
    const room = MAX_LINE_BYTES - this.#partialBytes;
    if (room <= 0 || part.length === 0) return;
    const kept = part.subarray(0, room);
    this.#partial.push(kept);
    this.#partialBytes += kept.length;
  }

  #finishLine(): void {
    const bytes = this.#partialBytes;
    const line = Buffer.concat(this.#partial).toString('utf8');
    this.#partial = [];
    this.#partialBytes = 0;
    this.#waiting.push(line.endsWith('\r') ? line.slice(0, -1) : line);
    this.#waitingBytes += bytes + 1;
    while (this.#reader === 'none' && this.#waitingBytes > MAX_WAITING_BYTES && this.#waiting.length > 1) {
      this.#waitingBytes -= Buffer.byteLength(this.#waiting.shift() ?? '') + 1;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    if (this.#reader !== 'none') return;
    this.#reader = 'reading';
    try {
      for (;;) {
        const lines = this.#waiting.splice(0);
        this.#waitingBytes = 0;
        if (lines.length > 0) this.#onRoom();
        yield* lines;
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
}
