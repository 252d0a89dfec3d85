import { SandboxError } from '../errors.ts';

/** A tree that does not come over, and why. */
export function transferRefused(why: string, cause?: unknown): SandboxError {
  const message = `the transfer was refused: ${why}`;
  return new SandboxError('SANDBOX_TRANSFER_REFUSED', message, cause === undefined ? {} : { cause });
}
