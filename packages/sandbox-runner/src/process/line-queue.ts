import { LineSplitter, type SplitLine } from './line-splitter.ts';
import { ReaderQueue } from './reader-queue.ts';

const MAX_LINE_BYTES = 1024 * 1024;

/** Splits a byte stream into lines for at most one reader; see {@link ReaderQueue}. */
export class LineQueue implements AsyncIterable<string> {
  readonly #lines: ReaderQueue<string>;
  readonly #splitter = new LineSplitter(MAX_LINE_BYTES);

  constructor(onRoom: () => void) {
    this.#lines = new ReaderQueue(onRoom);
  }

  /** Takes bytes; false asks the source to wait for `onRoom`. */
  add(chunk: Uint8Array): boolean {
    let hasRoom = true;
    for (const line of this.#splitter.add(chunk)) hasRoom = this.#give(line);
    return hasRoom;
  }

  end(): void {
    const last = this.#splitter.end();
    if (last !== undefined) this.#give(last);
    this.#lines.end();
  }

  #give({ text, bytes }: SplitLine): boolean {
    return this.#lines.add(text.endsWith('\r') ? text.slice(0, -1) : text, bytes + 1);
  }

  [Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    return this.#lines[Symbol.asyncIterator]();
  }
}
