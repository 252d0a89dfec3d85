const LINE_FEED = 10;

/** A line without its end, as far as it was kept. */
export interface SplitLine {
  readonly text: string;
  /** Kept of it. */
  readonly bytes: number;
  /** It was longer. */
  readonly isCut: boolean;
}

/** Cuts a stream of bytes into lines, of each of which it keeps at most `maxBytes`. */
export class LineSplitter {
  readonly #maxBytes: number;
  #partial: Uint8Array[] = [];
  #bytes = 0;
  #isCut = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the line that has not ended is too long already. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Gives the lines that a chunk completes. */
  add(chunk: Uint8Array): SplitLine[] {
    const lines: SplitLine[] = [];
    let rest = chunk;
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
      this.#keep(rest.subarray(0, end));
      lines.push(this.#finish());
      rest = rest.subarray(end + 1);
    }
    // The chunk may be used again by whoever gave it.
    this.#keep(Uint8Array.from(rest.subarray(0, this.#maxBytes - this.#bytes + 1)));
    return lines;
  }

  /** Gives what came after the last line end; undefined where that is nothing. */
  end(): SplitLine | undefined {
    return this.#bytes > 0 ? this.#finish() : undefined;
  }

  #keep(part: Uint8Array): void {
    const kept = part.subarray(0, this.#maxBytes - this.#bytes);
    if (kept.length < part.length) this.#isCut = true;
    if (kept.length === 0) return;
    this.#partial.push(kept);
    this.#bytes += kept.length;
  }

  #finish(): SplitLine {
    const text = Buffer.concat(this.#partial).toString('utf8');
    const line = { text, bytes: this.#bytes, isCut: this.#isCut };
    this.#partial = [];
    this.#bytes = 0;
    this.#isCut = false;
    return line;
  }
}
