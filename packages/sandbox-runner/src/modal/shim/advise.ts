import { SandboxError } from '../../errors.ts';

/** What a person can do, by the shim's own code. */
const ADVICE: Readonly<Record<string, string>> = {
  NOT_STARTED: 'set up the Python side (infra/README.md), and name its interpreter and its folder',
  MODAL_MISSING: 'install the Python side (infra/README.md) into the environment that the shim runs with',
  SCHEMA_MISMATCH: 'the shim is of another version: update the Python side together with this package',
  UNAUTHENTICATED: 'log in with `modal token new`, or set MODAL_TOKEN_ID and MODAL_TOKEN_SECRET',
  PERMISSION_DENIED: 'the account may not do this: ask who administers the Modal workspace',
};

/** Adds what to do about it to the error of a shim that did not start; others stay as they are. */
export function withAdvice(error: unknown): unknown {
  if (!(error instanceof SandboxError)) return error;
  const { shim } = error.details;
  const advice = typeof shim === 'string' ? ADVICE[shim] : undefined;
  if (advice === undefined) return error;
  const message = `${error.message}. To mend it: ${advice}`;
  return new SandboxError(error.code, message, { details: error.details, cause: error });
}
