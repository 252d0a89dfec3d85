import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { TranscriptFrame } from '@agentswarm/core';

/** Writes the conversation of one attempt as newline-delimited JSON, redacted. */
export interface TranscriptWriter extends AsyncDisposable {
  write(frame: TranscriptFrame): void;
}

/** Opens the file for appending. Disposing flushes and closes it; a failed write surfaces there. */
export function createTranscriptWriter(path: string, redact: (text: string) => string): TranscriptWriter {
  const stream = createWriteStream(path, { flags: 'a' });
  const done = finished(stream, { cleanup: true });
  done.catch(() => undefined);
  return {
    write(frame) {
      const { atMs, entry } = frame;
      stream.write(`${redact(JSON.stringify({ atMs, ...entry }))}\n`);
    },
    async [Symbol.asyncDispose]() {
      stream.end();
      await done;
    },
  };
}
