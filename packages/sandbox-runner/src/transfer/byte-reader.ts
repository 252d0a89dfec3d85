import { transferRefused } from './transfer-refused.ts';

/** Cuts a stream of bytes into pieces of known length. */
export interface ByteReader {
  /** Exactly so many bytes, at once. @throws SANDBOX_TRANSFER_REFUSED when the stream ends before. */
  take(length: number): Promise<Uint8Array>;
  /** Exactly so many bytes, as they come. */
  pass(length: number): AsyncGenerator<Uint8Array>;
  /** Reads to the end. @throws SANDBOX_TRANSFER_REFUSED when that is further away than `maxBytes`. */
  drain(maxBytes: number): Promise<void>;
}

export function createByteReader(stream: AsyncIterable<Uint8Array>): ByteReader {
  const source = stream[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  /** Bytes that are there, at most `length`; none at the end. */
  const some = async (length: number): Promise<Uint8Array> => {
    while (rest.length === 0) {
      const next = await source.next();
      if (next.done === true) return rest;
      rest = next.value;
    }
    const part = rest.subarray(0, length);
    rest = rest.subarray(part.length);
    return part;
  };
  async function* pass(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0;) {
      const part = await some(left);
      if (part.length === 0) throw transferRefused('it broke off');
      left -= part.length;
      yield part;
    }
  }
  return {
    pass,
    take: async (length) => {
      const parts: Uint8Array[] = [];
      for await (const part of pass(length)) parts.push(part);
      return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    },
    drain: async (maxBytes) => {
      for (let left = maxBytes; left >= 0;) {
        const part = await some(left + 1);
        if (part.length === 0) return;
        left -= part.length;
      }
      throw transferRefused('it does not end');
    },
  };
}
