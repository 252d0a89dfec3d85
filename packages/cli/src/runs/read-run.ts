import { foldRecords, type Journal, type JournalRecord, type RunState } from '@agentswarm/core';
import { isRunLockHeld, openSqliteJournal, readRunLockOwner } from '@agentswarm/journal';
import { CliError } from '../errors.ts';
import { journalPath, lockPath, type RunFolder } from './run-folder.ts';

/** Opens the journal of a run for reading; the caller disposes it. */
export function openForReading(folder: RunFolder): Journal {
  return openSqliteJournal({ path: journalPath(folder), readOnly: true });
}

/** The records of a run after `afterSeq`. */
export async function readRecords(folder: RunFolder, afterSeq = 0): Promise<JournalRecord[]> {
  await using journal = openForReading(folder);
  return [...journal.read(afterSeq)];
}

/** The state of a run as its journal tells it now. */
export async function readState(folder: RunFolder): Promise<RunState> {
  await using journal = openForReading(folder);
  return foldRecords(journal.read());
}

/** Id of the process that drives a run of the target now; undefined when there is none. */
export function liveProcess(targetPath: string): number | undefined {
  return readRunLockOwner(lockPath(targetPath));
}

/**
 * The state of a run that has begun.
 *
 * @throws {CliError} CLI_RUN_NOT_FOUND when its process ended before the first event.
 */
export async function readBegunRun(folder: RunFolder): Promise<RunState> {
  const state = await readState(folder);
  if (state.run !== undefined) return state;
  throw new CliError('CLI_RUN_NOT_FOUND', `${folder.runId} has not begun: its journal is empty`);
}

/** Whether some process drives a run of the target now. */
export function hasLiveRun(targetPath: string): boolean {
  return isRunLockHeld(lockPath(targetPath));
}
