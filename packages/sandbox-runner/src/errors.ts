import { SwarmError, type ErrorDetails, type ErrorTraits } from '@agentswarm/core';

export { errnoOf } from './errno-of.ts';

/** What can go wrong with a sandbox, apart from the commands run in it. */
export type SandboxErrorCode =
  | 'ISOLATION_UNAVAILABLE'
  | 'SANDBOX_SPEC_INVALID'
  | 'SANDBOX_SETUP_FAILED'
  | 'SANDBOX_TERMINATED'
  | 'SANDBOX_NOT_FOUND'
  | 'SANDBOX_UNSUPPORTED'
  | 'SANDBOX_STREAM_LOST'
  | 'SANDBOX_REMOTE_UNAVAILABLE'
  | 'SANDBOX_REMOTE_REFUSED'
  | 'SANDBOX_REMOTE_FAILED'
  | 'SANDBOX_FILE_REFUSED'
  | 'SANDBOX_TRANSFER_REFUSED'
  | 'COMMITS_INVALID'
  | 'DEPENDENCIES_FAILED'
  | 'ASSIGNMENT_INVALID';

const TRAITS: Readonly<Record<SandboxErrorCode, ErrorTraits>> = {
  ISOLATION_UNAVAILABLE: { kind: 'config', retryable: false },
  SANDBOX_SPEC_INVALID: { kind: 'user', retryable: false },
  SANDBOX_SETUP_FAILED: { kind: 'internal', retryable: true },
  SANDBOX_TERMINATED: { kind: 'internal', retryable: false },
  SANDBOX_NOT_FOUND: { kind: 'user', retryable: false },
  SANDBOX_UNSUPPORTED: { kind: 'config', retryable: false },
  SANDBOX_STREAM_LOST: { kind: 'transient', retryable: true },
  SANDBOX_REMOTE_UNAVAILABLE: { kind: 'transient', retryable: true },
  SANDBOX_REMOTE_REFUSED: { kind: 'config', retryable: false },
  SANDBOX_REMOTE_FAILED: { kind: 'internal', retryable: false },
  SANDBOX_TRANSFER_REFUSED: { kind: 'user', retryable: false },
  SANDBOX_FILE_REFUSED: { kind: 'user', retryable: false },
  COMMITS_INVALID: { kind: 'user', retryable: false },
  DEPENDENCIES_FAILED: { kind: 'transient', retryable: true },
  ASSIGNMENT_INVALID: { kind: 'internal', retryable: false },
};

/** A sandbox could not be made, read, or trusted. */
export class SandboxError extends SwarmError<SandboxErrorCode> {
  constructor(
    code: SandboxErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, traits: TRAITS[code] });
  }
}
