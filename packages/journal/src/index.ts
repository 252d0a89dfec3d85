export { JournalError } from './errors.ts';
export type { JournalErrorCode } from './errors.ts';
export { openSqliteJournal } from './sqlite-journal.ts';
export type { SqliteJournalOptions } from './sqlite-journal.ts';
export { createMemoryJournal } from './memory-journal.ts';
export { exportJsonl, importJsonl } from './jsonl.ts';
export { acquireRunLock, isRunLockHeld, readRunLockOwner } from './run-lock.ts';
export type { RunLock, RunLockResult } from './run-lock.ts';
