import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../errors.ts';

/** A run's folder inside its target. */
export interface RunFolder {
  readonly runId: string;
  readonly path: string;
}

/** Where the journal of a run is. */
export function journalPath(folder: RunFolder): string {
  return join(folder.path, 'journal.db');
}

/** Where everything about a target is kept: beside its files, or inside a bare repository. */
function stateFolder(targetPath: string): string {
  const isBare = existsSync(join(targetPath, 'HEAD')) && existsSync(join(targetPath, 'objects'));
  return join(targetPath, isBare ? 'agentswarm' : '.agentswarm');
}

/** The lock a live run of the target holds. */
export function lockPath(targetPath: string): string {
  return join(stateFolder(targetPath), 'run.lock');
}

/** The repository that holds the commits of a target's attempts. */
export function storePath(targetPath: string): string {
  return join(stateFolder(targetPath), 'store.git');
}

/** Every run of a target that has a journal, oldest first: their ids sort by start. */
export async function listRuns(targetPath: string): Promise<RunFolder[]> {
  const runs = join(stateFolder(targetPath), 'runs');
  const names = await readNames(runs);
  return names
    .toSorted()
    .map((runId) => ({ runId, path: join(runs, runId) }))
    .filter((folder) => existsSync(journalPath(folder)));
}

/**
 * The run named, else the newest of the target.
 *
 * @throws {CliError} CLI_RUN_NOT_FOUND naming the runs there are.
 */
export async function findRun(targetPath: string, runId: string | undefined): Promise<RunFolder> {
  const runs = await listRuns(targetPath);
  const found = runId === undefined ? runs.at(-1) : runs.find((run) => run.runId === runId);
  if (found !== undefined) return found;
  const known = runs.map((run) => run.runId);
  throw new CliError('CLI_RUN_NOT_FOUND', notFoundMessage(targetPath, runId, known), { details: { known } });
}

function notFoundMessage(targetPath: string, runId: string | undefined, known: readonly string[]): string {
  if (known.length === 0) return `${targetPath} has no runs yet`;
  return `${targetPath} has no run ${runId}; its runs: ${known.slice(-10).join(', ')}`;
}

async function readNames(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return [];
    throw new CliError('CLI_RUN_NOT_FOUND', `cannot read ${directory}`, { cause: error });
  }
}
