/** The longest run one pair can hold. */
const MAX_RUN = 255;

/** Writes bytes as pairs of run length and value: layers of equal blocks shrink to a few bytes. */
export function encodeRuns(bytes: Readonly<Uint8Array>): Uint8Array {
  const pairs: number[] = [];
  let start = 0;
  while (start < bytes.length) {
    const value = bytes[start] ?? 0;
    let end = start + 1;
    while (end < bytes.length && bytes[end] === value && end - start < MAX_RUN) end++;
    pairs.push(end - start, value);
    start = end;
  }
  return Uint8Array.from(pairs);
}

/** Throws when the pairs are cut, hold an empty run or do not add up to exactly `length` bytes. */
export function decodeRuns(pairs: Readonly<Uint8Array>, length: number): Uint8Array {
  if (pairs.length % 2 !== 0) throw new RangeError('run-length data ends in the middle of a pair');
  const bytes = new Uint8Array(length);
  let position = 0;
  for (let index = 0; index < pairs.length; index += 2) {
    const run = pairs[index] ?? 0;
    if (run === 0) throw new RangeError(`run-length data has an empty run at byte ${index}`);
    if (position + run > length) throw new RangeError(`run-length data is longer than ${length} bytes`);
    bytes.fill(pairs[index + 1] ?? 0, position, position + run);
    position += run;
  }
  if (position !== length) throw new RangeError(`run-length data has ${position} bytes, not ${length}`);
  return bytes;
}
