/**
 * How one kind of answer is found in a stream and understood. An answer may come in many small pieces, so
 * looking for its end goes on where it stopped.
 */
export interface AnswerReader<T> {
  /** Starts looking for the end of one answer. */
  readonly scan: () => AnswerScan;
  /** Gets exactly the bytes of the answer. Contract: keeps no view of them. */
  readonly parse: (answer: Buffer) => T;
}

/** Gets all bytes from the answer's start, more each time; gives the answer's length once its end has come. */
export type AnswerScan = (buffer: Buffer) => number | undefined;

export const NUL = 0;
export const NEWLINE = 10;

/** Index after the next `byte` at or behind `from`; undefined when it has not arrived yet. */
export function after(buffer: Buffer, byte: number, from: number): number | undefined {
  const at = buffer.indexOf(byte, from);
  return at === -1 ? undefined : at + 1;
}
