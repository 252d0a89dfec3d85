import { constants, openSync, writeSync } from 'node:fs';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;

/**
 * Opens the file that takes the frames of an attempt, one line each, in the file when the call returns. A
 * disk that is full does not end the worker: the line is lost, and `onLost` hears of it.
 */
export function openFrameFile(path: string, onLost: (error: unknown) => void): (line: string) => void {
  const file = openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
  // What the last write left unfinished must not become the start of the next line.
  let torn = false;
  return (line) => {
    const bytes = Buffer.from(`${torn ? '\n' : ''}${line}\n`);
    torn = true;
    try {
      let written = 0;
      while (written < bytes.length) written += writeSync(file, bytes, written);
      torn = false;
    } catch (error) {
      onLost(error);
    }
  };
}
