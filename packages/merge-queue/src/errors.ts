import { SwarmError, type ErrorDetails, type ErrorTraits } from '@agentswarm/core';

/** Why the queue itself failed; what happens to a branch is an event, never one of these. */
export type MergeQueueErrorCode =
  | 'TARGET_MISSING'
  | 'TARGET_UNREACHABLE'
  | 'TICKET_INVALID'
  | 'QUEUE_CLOSED'
  | 'QUEUE_BUSY'
  | 'QUEUE_FENCED'
  | 'QUEUE_STALLED'
  | 'JOURNAL_FAILED'
  | 'REPOSITORY_FAILED';

const TRAITS: Readonly<Record<MergeQueueErrorCode, ErrorTraits>> = {
  TARGET_MISSING: { kind: 'user', retryable: false },
  TARGET_UNREACHABLE: { kind: 'transient', retryable: true },
  TICKET_INVALID: { kind: 'internal', retryable: false },
  QUEUE_BUSY: { kind: 'user', retryable: true },
  QUEUE_FENCED: { kind: 'conflict', retryable: false },
  QUEUE_STALLED: { kind: 'internal', retryable: false },
  QUEUE_CLOSED: { kind: 'internal', retryable: false },
  JOURNAL_FAILED: { kind: 'internal', retryable: true },
  REPOSITORY_FAILED: { kind: 'internal', retryable: true },
};

/** The queue cannot do its work. A new queue made from the journal continues where this one ended. */
export class MergeQueueError extends SwarmError<MergeQueueErrorCode> {
  constructor(
    code: MergeQueueErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, traits: TRAITS[code] });
  }
}

/** Codes of `queue_stopped` events: reasons outside the branches to land nothing more. */
export type QueueStopCode =
  'PUSH_REFUSED' | 'TARGET_MOVING' | 'TARGET_RED' | 'GATE_CANNOT_RUN' | 'TARGET_UNREACHABLE';

/** Why a queue stopped by itself. The tickets that were waiting still are. */
export interface QueueStop {
  readonly code: QueueStopCode;
  readonly message: string;
}
