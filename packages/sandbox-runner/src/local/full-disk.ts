import { statfs } from 'node:fs/promises';
import { isSwarmError } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';

/** With less room than this a checkout or a journal cannot be trusted to fit. */
const NEARLY_FULL_BYTES = 1024 * 1024;

/**
 * Says of a failed setup that the disk is full, when it is: programs report that in many ways, or not at
 * all. Every other failure is given back as it came.
 */
export async function nameFullDisk(failure: unknown, folder: string): Promise<unknown> {
  if (isSwarmError(failure) && failure.code !== 'SANDBOX_SETUP_FAILED') return failure;
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes >= NEARLY_FULL_BYTES) return failure;
  const message = `the disk of ${folder} is full: ${Math.floor(freeBytes / 1024)} KiB are free`;
  return new SandboxError('SANDBOX_SETUP_FAILED', message, {
    cause: failure,
    details: { folder, freeBytes },
  });
}
