import { setImmediate } from 'node:timers/promises';

/** Makes lines durable in the order of the calls; those that arrive while one write is under way share the next. */
export interface GroupCommit {
  /** Resolves when the line is durable. Once a write has failed, every line fails with its error. */
  append(line: string): Promise<void>;
  /** Resolves when nothing is under way. Never rejects. */
  idle(): Promise<void>;
}

interface Batch {
  text: string;
  readonly written: PromiseWithResolvers<void>;
}

/** Contract: `write` makes the whole text durable or rejects; it is not called again after it has rejected. */
export function createGroupCommit(write: (text: string) => Promise<void>): GroupCommit {
  let waiting: Batch | undefined;
  let running: Promise<void> | undefined;
  /** Nobody knows what a failed write left behind: nothing may follow it. */
  let failure: { readonly error: unknown } | undefined;

  const flush = async ({ text, written }: Batch) => {
    try {
      if (failure === undefined) await write(text);
    } catch (error) {
      failure = { error };
    }
    if (failure === undefined) written.resolve();
    else written.reject(failure.error);
  };
  const run = async () => {
    for (let batch = waiting; batch !== undefined; batch = waiting) {
      waiting = undefined;
      await flush(batch);
      // Those woken by this write get to add what they want next, so that they share a write again.
      await setImmediate();
    }
    running = undefined;
  };
  return {
    append(line) {
      waiting ??= { text: '', written: Promise.withResolvers() };
      const { promise } = waiting.written;
      waiting.text += line;
      running ??= run();
      return promise;
    },
    idle: async () => running,
  };
}
