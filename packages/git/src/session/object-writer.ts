import { hash as digestOf, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import type { CommitSha } from '@agentswarm/core';
import { parseSha } from '../refs.ts';
import type { ObjectType } from './object-reader.ts';
import { packObject } from './pack-object.ts';

export interface ObjectStore {
  /** Directory of the repository's objects. */
  readonly objectsDir: string;
  readonly hash: 'sha1' | 'sha256';
}

/**
 * Writes a loose object in this process and gives its name. Synchronous on purpose: objects of the queue
 * are small, and a turn of the event loop costs more than writing one.
 */
export function writeObject(
  { objectsDir, hash }: ObjectStore,
  type: ObjectType,
  content: Uint8Array,
): CommitSha {
  const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const name = digestOf(hash, whole);
  const folder = `${objectsDir}/${name.slice(0, 2)}`;
  const path = `${folder}/${name.slice(2)}`;
  if (!existsSync(path)) {
    const temporary = `${objectsDir}/tmp_obj_${randomBytes(8).toString('hex')}`;
    writeFileSync(temporary, packObject(whole), { mode: 0o444 });
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
    renameSync(temporary, path);
  }
  return parseSha(name);
}
