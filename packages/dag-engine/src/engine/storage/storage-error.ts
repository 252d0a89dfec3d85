import { SwarmError, type ErrorDetails, type ErrorTraits } from '@agentswarm/core';

/** Codes of everything that can go wrong with what the engine keeps: memories and artifacts. */
export type StorageErrorCode =
  | 'STORAGE_LOCKED'
  | 'STORAGE_READ_ONLY'
  | 'STORAGE_CORRUPT'
  | 'STORAGE_FULL'
  | 'STORAGE_FAILED'
  | 'STORAGE_CLOSED'
  | 'BACKEND_UNKNOWN'
  | 'QUERY_INVALID'
  | 'ITEM_INVALID';

const TRAITS: Readonly<Record<StorageErrorCode, ErrorTraits>> = {
  STORAGE_LOCKED: { kind: 'transient', retryable: true },
  STORAGE_READ_ONLY: { kind: 'user', retryable: false },
  STORAGE_CORRUPT: { kind: 'user', retryable: false },
  STORAGE_FULL: { kind: 'user', retryable: false },
  STORAGE_FAILED: { kind: 'internal', retryable: false },
  STORAGE_CLOSED: { kind: 'internal', retryable: false },
  BACKEND_UNKNOWN: { kind: 'config', retryable: false },
  QUERY_INVALID: { kind: 'internal', retryable: false },
  ITEM_INVALID: { kind: 'user', retryable: false },
};

/** A store could not do what was asked; `details.path` names the file when there is one. */
export class StorageError extends SwarmError<StorageErrorCode> {
  constructor(
    code: StorageErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, traits: TRAITS[code] });
  }
}

type StoredAway = Extract<StorageErrorCode, `STORAGE_${string}`>;

/** Primary SQLite result codes, see https://sqlite.org/rescode.html. */
const CODE_OF_RESULT: Readonly<Record<number, StoredAway>> = {
  5: 'STORAGE_LOCKED', // SQLITE_BUSY
  6: 'STORAGE_LOCKED', // SQLITE_LOCKED
  8: 'STORAGE_READ_ONLY', // SQLITE_READONLY
  11: 'STORAGE_CORRUPT', // SQLITE_CORRUPT
  13: 'STORAGE_FULL', // SQLITE_FULL
  14: 'STORAGE_READ_ONLY', // SQLITE_CANTOPEN
  26: 'STORAGE_CORRUPT', // SQLITE_NOTADB
};
/** The shared-memory file could not grow: how a full disk shows there. */
const IOERR_SHMSIZE = 4874;

const CODE_OF_ERRNO: Readonly<Record<string, StoredAway>> = {
  EACCES: 'STORAGE_READ_ONLY',
  EPERM: 'STORAGE_READ_ONLY',
  EROFS: 'STORAGE_READ_ONLY',
  ENOSPC: 'STORAGE_FULL',
  EDQUOT: 'STORAGE_FULL',
};

const PHRASE: Readonly<Record<StoredAway, string>> = {
  STORAGE_LOCKED: 'is in use by another process or engine',
  STORAGE_READ_ONLY: 'cannot be opened for writing',
  STORAGE_CORRUPT: 'is damaged, or is not a database',
  STORAGE_FULL: 'cannot grow: the disk is full',
  STORAGE_FAILED: 'failed',
  STORAGE_CLOSED: 'is closed',
};

/** Classifies what a file system or `node:sqlite` threw while working on `path`. */
export function toStorageError(error: unknown, path: string): StorageError {
  if (error instanceof StorageError) return error;
  const code = classify(error);
  const phrase = code === 'STORAGE_FAILED' ? `failed: ${String(error)}` : PHRASE[code];
  return new StorageError(code, `${path} ${phrase}`, { details: { path }, cause: error });
}

/** For calls on a store that was closed. */
export function storageClosed(path: string): StorageError {
  return new StorageError('STORAGE_CLOSED', `${path} ${PHRASE.STORAGE_CLOSED}`, { details: { path } });
}

function classify(error: unknown): StoredAway {
  if (typeof error !== 'object' || error === null) return 'STORAGE_FAILED';
  // A column that should hold JSON and does not.
  if (error instanceof SyntaxError) return 'STORAGE_CORRUPT';
  if ('errcode' in error && typeof error.errcode === 'number') return codeOfResult(error.errcode);
  if ('code' in error && typeof error.code === 'string') return CODE_OF_ERRNO[error.code] ?? 'STORAGE_FAILED';
  return 'STORAGE_FAILED';
}

function codeOfResult(result: number): StoredAway {
  if (result === IOERR_SHMSIZE) return 'STORAGE_FULL';
  return CODE_OF_RESULT[result & 0xff] ?? 'STORAGE_FAILED';
}
