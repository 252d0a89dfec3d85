const LINE_FEED = 10;

/** Cuts chunks of bytes into lines, whole ones only. */
export class LineSplitter {
  readonly #maxBytes: number;
  #partial: Uint8Array[] = [];
  #partialBytes = 0;

  /** Of one line. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Gives the lines that a chunk completes; undefined once a line is too long. */
  add(chunk: Uint8Array): readonly string[] | undefined {
    const lines: string[] = [];
    let rest = chunk;
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
      this.#extend(rest.subarray(0, end));
      if (this.#partialBytes > this.#maxBytes) return undefined;
      lines.push(Buffer.concat(this.#partial).toString('utf8'));
      this.#partial = [];
      this.#partialBytes = 0;
      rest = rest.subarray(end + 1);
    }
    this.#extend(rest);
    return this.#partialBytes > this.#maxBytes ? undefined : lines;
  }

  #extend(part: Uint8Array): void {
    if (part.length > 0) this.#partial.push(part);
    this.#partialBytes += part.length;
  }
}
