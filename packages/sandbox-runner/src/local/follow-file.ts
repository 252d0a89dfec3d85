import { constants, existsSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { isSwarmError, systemClock } from '@agentswarm/core';
import { errnoOf } from '../errors.ts';
import { openRegular } from '../transfer/safe-file.ts';

const CHUNK_BYTES = 64 * 1024;
/** How soon a file is looked at again that has grown, and one that has not for long. */
const SHORTEST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 160;

export interface FollowRequest {
  readonly folder: string;
  /** Name of the file below the folder; both as in {@link readInside}. */
  readonly relative: string;
  readonly fromByte: number;
  /** Asks to give what is there, and end. */
  readonly signal: AbortSignal;
}

/** Reads a file that a sandbox writes, as it grows; see `Sandbox.follow`. A file that shrinks says no more. */
export async function* followFile(request: FollowRequest): AsyncGenerator<Uint8Array, void, undefined> {
  let waitMs = SHORTEST_WAIT_MS;
  let position = request.fromByte;
  let file: FileHandle | undefined;
  try {
    for (;;) {
      // The folder goes with its sandbox.
      const isLast = request.signal.aborted || !existsSync(request.folder);
      file ??= await openWhenThere(request);
      // Up to this size: a file that grows faster than it is read would never end.
      const size = file === undefined ? 0 : (await file.stat()).size;
      while (file !== undefined && position < size) {
        const bytes = await readAt(file, position, Math.min(CHUNK_BYTES, size - position));
        if (bytes.length === 0) break;
        position += bytes.length;
        waitMs = SHORTEST_WAIT_MS;
        yield bytes;
      }
      if (isLast) return;
      await pause(waitMs, request.signal);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  } finally {
    await file?.close();
  }
}

async function openWhenThere({ folder, relative }: FollowRequest): Promise<FileHandle | undefined> {
  try {
    return await openRegular(folder, relative, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isSwarmError(error) && error.details['missing'] === true) return undefined;
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await systemClock.sleep(delayMs, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
