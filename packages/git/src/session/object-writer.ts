import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { CommitSha } from '@agentswarm/core';
import { parseSha } from '../refs.ts';
import type { ObjectType } from './object-reader.ts';

export interface ObjectStore {
  /** Directory of the repository's objects. */
  readonly objectsDir: string;
  readonly hash: 'sha1' | 'sha256';
}

/** Most of what the queue writes is smaller: the default of 16 KiB would be thrown away for every commit. */
const CHUNK_BYTES = 1024;

/**
 * Writes a loose object in this process and gives its name. Synchronous on purpose: objects of the queue
 * are small, and a turn of the event loop costs more than writing one.
 */
export function writeObject(
  { objectsDir, hash }: ObjectStore,
  type: ObjectType,
  content: Uint8Array,
): CommitSha {
  const header = Buffer.from(`${type} ${content.length}\0`);
  const name = createHash(hash).update(header).update(content).digest('hex');
  const folder = join(objectsDir, name.slice(0, 2));
  const path = join(folder, name.slice(2));
  if (!existsSync(path)) {
    const temporary = join(objectsDir, `tmp_obj_${randomBytes(8).toString('hex')}`);
    const packed = deflateSync(Buffer.concat([header, content]), { level: 1, chunkSize: CHUNK_BYTES });
    writeFileSync(temporary, packed, { mode: 0o444 });
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
    renameSync(temporary, path);
  }
  return parseSha(name);
}
