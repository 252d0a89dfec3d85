import { SwarmError, type ErrorDetails, type ErrorTraits } from '@agentswarm/core';

/** Why a git operation failed; expected outcomes (conflict, lost race) are values instead. */
export type GitErrorCode =
  | 'GIT_NOT_FOUND'
  | 'GIT_FAILED'
  | 'GIT_TIMED_OUT'
  | 'GIT_ABORTED'
  | 'GIT_OUTPUT_TOO_LARGE'
  | 'GIT_UNEXPECTED_OUTPUT'
  | 'GIT_UNEXPECTED_COMMIT'
  | 'GIT_NOT_A_REPOSITORY'
  | 'GIT_UNSUPPORTED'
  | 'GIT_BAD_ARGUMENT';

const TRAITS: Readonly<Record<GitErrorCode, ErrorTraits>> = {
  GIT_NOT_FOUND: { kind: 'config', retryable: false },
  GIT_FAILED: { kind: 'transient', retryable: true },
  GIT_TIMED_OUT: { kind: 'transient', retryable: true },
  GIT_ABORTED: { kind: 'user', retryable: true },
  GIT_OUTPUT_TOO_LARGE: { kind: 'internal', retryable: false },
  GIT_UNEXPECTED_OUTPUT: { kind: 'internal', retryable: false },
  GIT_UNEXPECTED_COMMIT: { kind: 'conflict', retryable: false },
  GIT_NOT_A_REPOSITORY: { kind: 'user', retryable: false },
  GIT_UNSUPPORTED: { kind: 'config', retryable: false },
  GIT_BAD_ARGUMENT: { kind: 'internal', retryable: false },
};

/** How a git process ended, as kept in the details of a {@link GitError}. */
export interface ProcessFailure {
  /** Program and arguments; never holds a credential. */
  readonly command: readonly string[];
  readonly exitCode?: number;
  readonly signal?: string;
  /** Last 4 KiB of standard error. */
  readonly stderrTail: string;
  readonly durationMs: number;
}

/** A git operation that could not be carried out. */
export class GitError extends SwarmError<GitErrorCode> {
  constructor(
    code: GitErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, traits: TRAITS[code] });
  }
}

/** Builds the error of a process that ended in a way its caller does not accept. */
export function processError(
  code: GitErrorCode,
  message: string,
  { cause, ...details }: ProcessFailure & { readonly cause?: unknown },
): GitError {
  return new GitError(code, message, { details, cause });
}
