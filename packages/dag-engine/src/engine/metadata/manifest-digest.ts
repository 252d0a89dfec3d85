import { createHash } from 'node:crypto';

/** SHA-256, in hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** One digest for a configuration: over the sorted lines `name:hash` of its files. */
export function manifestDigest(fileHashes: Readonly<Record<string, string>>): string {
  const lines = Object.entries(fileHashes).map(([name, hash]) => `${name}:${hash}\n`);
  return sha256(lines.toSorted().join(''));
}
