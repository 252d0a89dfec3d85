import { closeSync, openSync, writeSync } from 'node:fs';
import type { TranscriptFrame } from '@agentswarm/core';

/** Writes the conversation of one attempt as newline-delimited JSON, redacted. */
export interface TranscriptWriter extends Disposable {
  /** Returns when the line is in the file. */
  write(frame: TranscriptFrame): void;
}

/** Opens the file for appending; disposing closes it. */
export function createTranscriptWriter(path: string, redact: (text: string) => string): TranscriptWriter {
  const file = openSync(path, 'a');
  return {
    write({ atMs, entry }) {
      writeSync(file, `${redact(JSON.stringify({ atMs, ...entry }))}\n`);
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}
