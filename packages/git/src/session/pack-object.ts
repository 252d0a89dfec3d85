import { deflateSync } from 'node:zlib';

/** Up to here an object takes one block of a disk whether it is compressed or not. */
const BLOCK_BYTES = 4000;
/** Largest prime below 2¹⁶. */
const ADLER_MODULUS = 65_521;

/**
 * The bytes of a loose object's file. Small ones are stored without compression: a compressor costs more
 * than all the rest of writing them, in time and in memory that only a full collection gives back.
 */
export function packObject(content: Uint8Array): Uint8Array {
  return content.length > BLOCK_BYTES ? deflateSync(content, { level: 1 }) : storeZlib(content);
}

/** A zlib stream (RFC 1950) of a single stored block (RFC 1951). */
function storeZlib(content: Uint8Array): Uint8Array {
  const { length } = content;
  const stream = Buffer.allocUnsafe(length + 11);
  stream.writeUInt16BE(0x7801, 0);
  stream.writeUInt8(1, 2);
  stream.writeUInt16LE(length, 3);
  stream.writeUInt16LE(0xffff - length, 5);
  stream.set(content, 7);
  stream.writeUInt32BE(adler32(content), length + 7);
  return stream;
}

/** Contract: at most {@link BLOCK_BYTES}, so that the sums need to be reduced once only. */
function adler32(content: Uint8Array): number {
  let [low, high] = [1, 0];
  for (const byte of content) {
    low += byte;
    high += low;
  }
  return (high % ADLER_MODULUS) * 0x1_0000 + (low % ADLER_MODULUS);
}
