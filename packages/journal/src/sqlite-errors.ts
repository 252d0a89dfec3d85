import { JournalError, type JournalErrorCode } from './errors.ts';

/** Primary SQLite result codes, see https://sqlite.org/rescode.html. */
const CODE_OF_RESULT: Readonly<Record<number, JournalErrorCode>> = {
  5: 'JOURNAL_LOCKED', // SQLITE_BUSY
  6: 'JOURNAL_LOCKED', // SQLITE_LOCKED
  8: 'JOURNAL_READ_ONLY', // SQLITE_READONLY
  11: 'JOURNAL_CORRUPT', // SQLITE_CORRUPT
  13: 'DISK_FULL', // SQLITE_FULL
  26: 'NOT_A_JOURNAL', // SQLITE_NOTADB
};
/** The shared-memory file could not grow: how a full disk shows there. */
const IOERR_SHMSIZE = 4874;

const PHRASE: Readonly<Partial<Record<JournalErrorCode, string>>> = {
  JOURNAL_LOCKED: 'is locked by another process',
  JOURNAL_READ_ONLY: 'is open for reading only',
  JOURNAL_CORRUPT: 'is damaged',
  DISK_FULL: 'cannot grow: the disk is full',
  NOT_A_JOURNAL: 'is not a journal',
};

/** Classifies what `node:sqlite` threw while working on `path`. */
export function toJournalError(error: unknown, path: string): JournalError {
  if (error instanceof JournalError) return error;
  const resultCode = readResultCode(error);
  const code = classify(resultCode);
  const phrase = PHRASE[code] ?? `failed: ${String(error)}`;
  return new JournalError(code, `${path} ${phrase}`, {
    details: { path, ...(resultCode === undefined ? {} : { sqliteResultCode: resultCode }) },
    cause: error,
  });
}

export function isBusy(error: unknown): boolean {
  return classify(readResultCode(error)) === 'JOURNAL_LOCKED';
}

function classify(resultCode: number | undefined): JournalErrorCode {
  if (resultCode === undefined) return 'JOURNAL_IO_FAILED';
  if (resultCode === IOERR_SHMSIZE) return 'DISK_FULL';
  return CODE_OF_RESULT[resultCode & 0xff] ?? 'JOURNAL_IO_FAILED';
}

function readResultCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode : undefined;
}
