import { ReaderQueue } from './reader-queue.ts';

const MAX_LINE_BYTES = 1024 * 1024;

/** Splits a byte stream into lines for at most one reader; see {@link ReaderQueue}. */
export class LineQueue implements AsyncIterable<string> {
  readonly #lines: ReaderQueue<string>;
  #partial: Uint8Array[] = [];
  #partialBytes = 0;

  constructor(onRoom: () => void) {
    this.#lines = new ReaderQueue(onRoom);
  }

  /** Takes bytes; false asks the source to wait for `onRoom`. */
  add(chunk: Uint8Array): boolean {
    let hasRoom = true;
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      this.#extend(rest.subarray(0, end));
      hasRoom = this.#finishLine();
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) this.#extend(rest);
    return hasRoom;
  }

  end(): void {
    if (this.#partialBytes > 0) this.#finishLine();
    this.#lines.end();
  }

  #extend(part: Uint8Array): void {
    const room = MAX_LINE_BYTES - this.#partialBytes;
    if (room <= 0 || part.length === 0) return;
    const kept = part.subarray(0, room);
    this.#partial.push(kept);
    this.#partialBytes += kept.length;
  }

  #finishLine(): boolean {
    const bytes = this.#partialBytes;
    const line = Buffer.concat(this.#partial).toString('utf8');
    this.#partial = [];
    this.#partialBytes = 0;
    return this.#lines.add(line.endsWith('\r') ? line.slice(0, -1) : line, bytes + 1);
  }

  [Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    return this.#lines[Symbol.asyncIterator]();
  }
}
