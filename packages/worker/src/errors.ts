import { SwarmError, type ErrorDetails, type ErrorTraits } from '@agentswarm/core';

/** What can go wrong in a worker besides the failures it reports as frames. */
export type WorkerErrorCode =
  | 'WORKER_ASSIGNMENT_INVALID'
  | 'WORKER_TOKEN_MISSING'
  | 'WORKER_COMMIT_FAILED'
  | 'WORKER_REPORT_INVALID'
  | 'WORKER_AGENT_UNAVAILABLE'
  | 'WORKER_AGENT_FAILED';

const TRAITS: Readonly<Record<WorkerErrorCode, ErrorTraits>> = {
  WORKER_ASSIGNMENT_INVALID: { kind: 'config', retryable: false },
  WORKER_TOKEN_MISSING: { kind: 'config', retryable: false },
  WORKER_COMMIT_FAILED: { kind: 'conflict', retryable: true },
  WORKER_REPORT_INVALID: { kind: 'user', retryable: true },
  WORKER_AGENT_UNAVAILABLE: { kind: 'internal', retryable: false },
  WORKER_AGENT_FAILED: { kind: 'internal', retryable: true },
};

/** A failure of the worker itself. */
export class WorkerError extends SwarmError<WorkerErrorCode> {
  constructor(
    code: WorkerErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, traits: TRAITS[code] });
  }
}
