/** Index after the next `byte` at or behind `from`; undefined when it has not arrived yet. */
export function after(buffer: Buffer, byte: number, from: number): number | undefined {
  const at = buffer.indexOf(byte, from);
  return at === -1 ? undefined : at + 1;
}

export const NUL = 0;
export const NEWLINE = 10;
