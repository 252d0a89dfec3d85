import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isBusy, toJournalError } from './sqlite-errors.ts';

/** Long enough for a moment's {@link isRunLockHeld} of another process to pass. */
const ACQUIRE_TIMEOUT_MS = 250;

/** Keeps held locks reachable: a collected database would be closed and the lock silently lost. */
const HELD = new Set<DatabaseSync>();

/** The right to be the one live run of a target. Ends with {@link RunLock.release} or with the process. */
export interface RunLock extends Disposable {
  readonly path: string;
  /** Gives the lock up. Safe to call twice. */
  release(): void;
}

export type RunLockResult = { readonly kind: 'acquired'; readonly lock: RunLock } | { readonly kind: 'held' };

/**
 * Takes the lock in the file `path` (its folder must exist), waiting at most a quarter of a second.
 * The operating system gives the lock back when the process ends in any way, so no stale lock can
 * exist; the file itself stays. Beside it, in `<path>.pid`, stands who holds it. Contract: nothing else opens the file, because closing it elsewhere
 * in this process would drop the lock.
 *
 * @throws {JournalError} NOT_A_JOURNAL when the file is something else, JOURNAL_IO_FAILED when it cannot be used.
 */
export function acquireRunLock(path: string): RunLockResult {
  const database = openLockFile(path, { timeout: ACQUIRE_TIMEOUT_MS, readOnly: false });
  try {
    database.exec('BEGIN EXCLUSIVE');
    writeFileSync(ownerFileOf(path), `${process.pid}\n`);
  } catch (error) {
    database.close();
    if (isBusy(error)) return { kind: 'held' };
    throw toJournalError(error, path);
  }
  HELD.add(database);
  const release = () => {
    if (!HELD.delete(database)) return;
    rmSync(ownerFileOf(path), { force: true });
    database.close();
  };
  return { kind: 'acquired', lock: { path, release, [Symbol.dispose]: release } };
}

/** Whether some process, this one included, holds the lock now. Creates nothing. */
export function isRunLockHeld(path: string): boolean {
  if (!existsSync(path)) return false;
  const database = openLockFile(path, { timeout: 0, readOnly: true });
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw toJournalError(error, path);
  } finally {
    database.close();
  }
}

/** Id of the process that holds the lock now; undefined when none does or it has not said so yet. */
export function readRunLockOwner(path: string): number | undefined {
  if (!isRunLockHeld(path) || !existsSync(ownerFileOf(path))) return undefined;
  const pid = Number(readFileSync(ownerFileOf(path), 'utf8'));
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

/** Says who holds the lock; left behind by a killed holder, so it means nothing while nobody does. */
function ownerFileOf(path: string): string {
  return `${path}.pid`;
}

function openLockFile(path: string, options: { timeout: number; readOnly: boolean }): DatabaseSync {
  try {
    return new DatabaseSync(path, options);
  } catch (error) {
    throw toJournalError(error, path);
  }
}
