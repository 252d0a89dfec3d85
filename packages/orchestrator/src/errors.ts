import { SwarmError, type ErrorDetails, type ErrorTraits } from '@agentswarm/core';

const TRAITS = {
  TARGET_NOT_A_REPOSITORY: { kind: 'user', retryable: false },
  TARGET_IS_SUBFOLDER: { kind: 'user', retryable: false },
  TARGET_FILE_MISSING: { kind: 'user', retryable: false },
  TARGET_BRANCH_MISSING: { kind: 'user', retryable: false },
  TARGET_DIVERGED: { kind: 'user', retryable: false },
  TARGET_REMOTE_UNREACHABLE: { kind: 'transient', retryable: true },
  TARGET_RED: { kind: 'user', retryable: false },
  AGENT_NOT_FOUND: { kind: 'config', retryable: false },
  GATE_MISSING: { kind: 'config', retryable: false },
  GATE_CANNOT_RUN: { kind: 'config', retryable: false },
  GATEWAY_UNREACHABLE: { kind: 'internal', retryable: false },
  BUDGET_PROVIDER_UNKNOWN: { kind: 'config', retryable: false },
  RUN_ALREADY_FINISHED: { kind: 'user', retryable: false },
  RUN_NOT_STARTED: { kind: 'user', retryable: false },
} as const satisfies Record<string, ErrorTraits>;

export type OrchestratorErrorCode = keyof typeof TRAITS;

/** A run cannot start or go on. */
export class OrchestratorError extends SwarmError<OrchestratorErrorCode> {
  constructor(
    code: OrchestratorErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, traits: TRAITS[code] });
  }
}
