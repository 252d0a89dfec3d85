/** Collects output up to a limit. */
export class OutputBuffer {
  readonly #chunks: Buffer[] = [];
  readonly #maxBytes: number;
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False when the limit is exceeded; the chunk is then dropped. */
  add(chunk: Buffer): boolean {
    if (this.#size + chunk.length > this.#maxBytes) return false;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    return true;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** Keeps the last bytes of output. */
export class TailBuffer {
  readonly #maxBytes: number;
  #tail: Buffer = Buffer.alloc(0);

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(chunk: Buffer): void {
    this.#tail = Buffer.concat([this.#tail, chunk]).subarray(-this.#maxBytes);
  }

  text(): string {
    return this.#tail.toString('utf8');
  }
}
