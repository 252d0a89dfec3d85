import { SandboxError, type SandboxErrorCode } from '../../errors.ts';
import type { ShimErrorCode, ShimFailure } from '../protocol/failure.ts';

/** What is told otherwise than the rest of its class. */
const BY_CODE: Readonly<Partial<Record<ShimErrorCode, SandboxErrorCode>>> = {
  SANDBOX_NOT_FOUND: 'SANDBOX_NOT_FOUND',
  SANDBOX_ENDED: 'SANDBOX_TERMINATED',
  FILE_NOT_FOUND: 'SANDBOX_FILE_REFUSED',
  FILE_NOT_REGULAR: 'SANDBOX_FILE_REFUSED',
  FILE_TOO_LARGE: 'SANDBOX_FILE_REFUSED',
  FILE_REFUSED: 'SANDBOX_FILE_REFUSED',
  NOT_SUPPORTED: 'SANDBOX_UNSUPPORTED',
};

const BY_CLASS: Readonly<Record<ShimFailure['data']['class'], SandboxErrorCode>> = {
  transient: 'SANDBOX_REMOTE_UNAVAILABLE',
  // Nobody here asked for it: the shim is going, and another can be asked.
  cancelled: 'SANDBOX_REMOTE_UNAVAILABLE',
  gone: 'SANDBOX_STREAM_LOST',
  fatal: 'SANDBOX_REMOTE_REFUSED',
  // A request that the shim does not understand is our mistake, and not to be repeated.
  invalid: 'SANDBOX_REMOTE_FAILED',
  bug: 'SANDBOX_REMOTE_FAILED',
};

/** Where nothing of ours exists yet, what is not found is what was asked for: an image, a volume, an environment. */
const MAKING: ReadonlySet<string> = new Set(['configure', 'sandbox.create']);

/** Gives the error of this package for a failure the shim told; its own code is `details.shim`. */
export function explainFailure(method: string, { message, data }: ShimFailure): SandboxError {
  const isMissing = data.code === 'NOT_FOUND' && MAKING.has(method);
  const code = isMissing ? 'SANDBOX_REMOTE_REFUSED' : (BY_CODE[data.code] ?? BY_CLASS[data.class]);
  return new SandboxError(code, `${method}: ${message}`, { details: { method, shim: data.code } });
}

/** Whether somebody ended the sandbox, here or elsewhere: no loss, and nothing to try again. */
export function isSandboxGone(error: unknown): boolean {
  return error instanceof SandboxError && ['SANDBOX_TERMINATED', 'SANDBOX_NOT_FOUND'].includes(error.code);
}
