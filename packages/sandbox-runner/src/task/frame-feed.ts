import type { WorkerFrame } from '@agentswarm/core';

const MAX_WAITING_CHARACTERS = 64 * 1024 * 1024;

/** Hands frames to at most one reader, who may be slow, late or missing without holding anything up. */
export class FrameFeed implements AsyncIterable<WorkerFrame> {
  readonly #onDropped: () => void;
  #waiting: { readonly frame: WorkerFrame; readonly size: number }[] = [];
  #waitingSize = 0;
  #ended = false;
  #claimed = false;
  #wake: (() => void) | undefined;

  /** `onDropped` hears of every frame given up because nobody took it. */
  constructor(onDropped: () => void) {
    this.#onDropped = onDropped;
  }

  /** `size` in characters of the line it came as. */
  add(frame: WorkerFrame, size: number): void {
    this.#waiting.push({ frame, size });
    this.#waitingSize += size;
    while (this.#waitingSize > MAX_WAITING_CHARACTERS && this.#waiting.length > 1) {
      this.#waitingSize -= this.#waiting.shift()?.size ?? 0;
      this.#onDropped();
    }
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WorkerFrame, void, undefined> {
    if (this.#claimed) return;
    this.#claimed = true;
    for (;;) {
      const batch = this.#waiting;
      this.#waiting = [];
      this.#waitingSize = 0;
      for (const { frame } of batch) yield frame;
      if (this.#waiting.length > 0) continue;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
