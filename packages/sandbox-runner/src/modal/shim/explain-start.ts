import { SandboxError } from '../../errors.ts';

/** What a person can do, by the shim's own code. */
const ADVICE: Readonly<Record<string, string>> = {
  NOT_STARTED: 'set up the Python side (infra/README.md), and name its interpreter and folder',
  MODAL_MISSING: 'install the Python side (infra/README.md) for the interpreter that is named',
  SCHEMA_MISMATCH: 'update the Python side together with this package, they belong to different versions',
  UNAUTHENTICATED: 'log in with `modal token new`, or set MODAL_TOKEN_ID and MODAL_TOKEN_SECRET',
  PERMISSION_DENIED: 'ask who administers the Modal workspace, the account may not do this',
};

/** Says of a shim that could not be made ready what a person can do, where trying again does not help. */
export function explainStart(error: unknown): unknown {
  if (!(error instanceof SandboxError)) return error;
  const { ended, shim } = error.details;
  // What ends by itself before it has said a word does so again.
  const neverRuns = ended === 'not_started' || ended === 'exited';
  const reason = neverRuns ? 'NOT_STARTED' : shim;
  const advice = typeof reason === 'string' ? ADVICE[reason] : undefined;
  if (advice === undefined) return error;
  const code = neverRuns ? 'SANDBOX_REMOTE_REFUSED' : error.code;
  return new SandboxError(code, `${error.message}. To mend it, ${advice}.`, {
    details: { ...error.details, shim: reason },
    cause: error,
  });
}
