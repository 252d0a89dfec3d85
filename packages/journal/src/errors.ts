import { SwarmError, type ErrorDetails, type ErrorTraits } from '@agentswarm/core';

/** Codes of everything that can go wrong with a journal or a run lock. */
export type JournalErrorCode =
  | 'JOURNAL_CLOSED'
  | 'JOURNAL_READ_ONLY'
  | 'JOURNAL_NOT_FOUND'
  | 'JOURNAL_CORRUPT'
  | 'JOURNAL_LOCKED'
  | 'JOURNAL_NEWER_VERSION'
  | 'JOURNAL_IO_FAILED'
  | 'NOT_A_JOURNAL'
  | 'EVENT_INVALID'
  | 'DISK_FULL';

const TRAITS: Readonly<Record<JournalErrorCode, ErrorTraits>> = {
  JOURNAL_CLOSED: { kind: 'internal', retryable: false },
  JOURNAL_READ_ONLY: { kind: 'user', retryable: false },
  JOURNAL_NOT_FOUND: { kind: 'user', retryable: true },
  JOURNAL_CORRUPT: { kind: 'internal', retryable: false },
  JOURNAL_LOCKED: { kind: 'transient', retryable: true },
  JOURNAL_NEWER_VERSION: { kind: 'user', retryable: false },
  JOURNAL_IO_FAILED: { kind: 'internal', retryable: false },
  NOT_A_JOURNAL: { kind: 'user', retryable: false },
  EVENT_INVALID: { kind: 'internal', retryable: false },
  DISK_FULL: { kind: 'user', retryable: false },
};

/** A journal or run lock could not do what was asked; `details.path` names the file when there is one. */
export class JournalError extends SwarmError<JournalErrorCode> {
  constructor(
    code: JournalErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, traits: TRAITS[code] });
  }
}
