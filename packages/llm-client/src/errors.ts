import { SwarmError, type ErrorDetails, type ErrorTraits } from '@agentswarm/core';

/** What can go wrong between the caller and a model. */
export type LlmErrorCode =
  | 'ENDPOINT_INVALID'
  | 'ENDPOINT_UNREACHABLE'
  | 'AUTH_REJECTED'
  | 'MODEL_UNKNOWN'
  | 'REQUEST_REJECTED'
  | 'RATE_LIMITED'
  | 'SERVER_ERROR'
  | 'ANSWER_CUT'
  | 'INVALID_ANSWER'
  | 'TIMED_OUT'
  | 'SCRIPT_INVALID'
  | 'GATEWAY_UNAVAILABLE'
  | 'PORT_UNAVAILABLE'
  | 'NO_ENDPOINT_FOR_MODEL'
  | 'MODEL_WAIT'
  | 'MODEL_CRASHED'
  | 'BUDGET_EXHAUSTED'
  | 'BUDGET_UNREADABLE'
  | 'BUDGET_UNWRITABLE'
  | 'PRICE_UNKNOWN'
  | 'CATALOG_INVALID'
  | 'CASSETTE_INVALID';

const TRAITS: Readonly<Record<LlmErrorCode, ErrorTraits>> = {
  ENDPOINT_INVALID: { kind: 'config', retryable: false },
  ENDPOINT_UNREACHABLE: { kind: 'transient', retryable: true },
  AUTH_REJECTED: { kind: 'config', retryable: false },
  MODEL_UNKNOWN: { kind: 'config', retryable: false },
  REQUEST_REJECTED: { kind: 'user', retryable: false },
  RATE_LIMITED: { kind: 'transient', retryable: true },
  SERVER_ERROR: { kind: 'transient', retryable: true },
  ANSWER_CUT: { kind: 'transient', retryable: true },
  INVALID_ANSWER: { kind: 'transient', retryable: false },
  TIMED_OUT: { kind: 'transient', retryable: true },
  SCRIPT_INVALID: { kind: 'config', retryable: false },
  GATEWAY_UNAVAILABLE: { kind: 'config', retryable: false },
  PORT_UNAVAILABLE: { kind: 'config', retryable: false },
  NO_ENDPOINT_FOR_MODEL: { kind: 'config', retryable: false },
  MODEL_WAIT: { kind: 'transient', retryable: false },
  MODEL_CRASHED: { kind: 'transient', retryable: false },
  BUDGET_EXHAUSTED: { kind: 'user', retryable: false },
  BUDGET_UNREADABLE: { kind: 'config', retryable: false },
  BUDGET_UNWRITABLE: { kind: 'transient', retryable: false },
  PRICE_UNKNOWN: { kind: 'config', retryable: false },
  CATALOG_INVALID: { kind: 'config', retryable: false },
  CASSETTE_INVALID: { kind: 'config', retryable: false },
};

/** Facts about a failure; `details` never holds a key. */
export interface LlmErrorOptions {
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** A call to a model, or the start of a server in front of one, failed. The message never holds a key. */
export class LlmError extends SwarmError<LlmErrorCode> {
  constructor(code: LlmErrorCode, message: string, options: LlmErrorOptions = {}) {
    super(code, message, { ...options, traits: TRAITS[code] });
  }
}
