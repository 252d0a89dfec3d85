import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isSwarmError } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';

/** With less room than this a checkout or a journal cannot be trusted to fit. */
const NEARLY_FULL_BYTES = 1024 * 1024;
/** Room for a copy of what an attempt hands in. */
const COPY_BYTES = 64 * 1024 * 1024;

/** A place for a short-lived copy: `folder`, unless a sandbox may have filled its disk. */
export async function folderWithRoom(folder: string): Promise<string> {
  return (await freeBytesOf(folder)) < COPY_BYTES ? tmpdir() : folder;
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Says of a failed setup that the disk is full, when it is: programs report that in many ways, or not at
 * all. Every other failure is given back as it came.
 */
export async function nameFullDisk(failure: unknown, folder: string): Promise<unknown> {
  if (isSwarmError(failure) && failure.code !== 'SANDBOX_SETUP_FAILED') return failure;
  const freeBytes = await freeBytesOf(folder);
  if (freeBytes >= NEARLY_FULL_BYTES) return failure;
  const message = `the disk of ${folder} is full: ${Math.floor(freeBytes / 1024)} KiB are free`;
  return new SandboxError('SANDBOX_SETUP_FAILED', message, {
    cause: failure,
    details: { folder, freeBytes },
  });
}
