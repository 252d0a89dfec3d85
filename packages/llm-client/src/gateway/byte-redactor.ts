import type { Secret } from '@agentswarm/core';

const MIN_SECRET_BYTES = 6;

/** Overwrites a secret in a stream of bytes. */
export interface ByteRedactor {
  /** The bytes that may go on now. */
  push(chunk: Buffer): Buffer;
  /** The bytes held back. */
  end(): Buffer;
}

/**
 * Overwrites a secret by as many asterisks, also where it is split over chunks. Bytes are held back only while
 * they could be the beginning of the secret. Lengths stay, so that `content-length` does.
 */
export function createByteRedactor(secret: Secret | undefined): ByteRedactor {
  const needle = Buffer.from(secret?.reveal() ?? '');
  if (needle.length < MIN_SECRET_BYTES) return { push: (chunk) => chunk, end: () => Buffer.alloc(0) };
  let held = Buffer.alloc(0);
  return {
    push(chunk) {
      const bytes = overwrite(held.length === 0 ? chunk : Buffer.concat([held, chunk]), needle);
      const keep = partialMatchLength(bytes, needle);
      held = Buffer.from(bytes.subarray(bytes.length - keep));
      return bytes.subarray(0, bytes.length - keep);
    },
    end: () => held,
  };
}

function overwrite(bytes: Buffer, needle: Buffer): Buffer {
  let at = bytes.indexOf(needle);
  if (at < 0) return bytes;
  const copy = Buffer.from(bytes);
  for (; at >= 0; at = copy.indexOf(needle, at + needle.length)) copy.fill('*', at, at + needle.length);
  return copy;
}

/** Length of the longest end of `bytes` with which `needle` begins. */
function partialMatchLength(bytes: Buffer, needle: Buffer): number {
  for (let length = Math.min(needle.length - 1, bytes.length); length > 0; length -= 1) {
    if (bytes.compare(needle, 0, length, bytes.length - length) === 0) return length;
  }
  return 0;
}
