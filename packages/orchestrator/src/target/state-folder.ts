import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunId } from '@agentswarm/core';

/** Where AgentSwarm keeps what belongs to one target. */
export interface StateFolder {
  readonly path: string;
  /** Held while a run is live. */
  readonly lock: string;
  /** Bare repository in which merges are composed; owned by the merge queue. */
  readonly store: string;
  /** Bare repository that stands in for the remote where the target has none. */
  readonly landing: string;
  readonly sandboxes: string;
}

/** The files of one run. */
export interface RunFolder {
  readonly path: string;
  readonly journal: string;
  readonly log: string;
  readonly transcripts: string;
}

/** Paths below the target: `.agentswarm`, or inside the git directory of a bare repository. */
export function stateFolderOf(repository: { readonly root: string; readonly isBare: boolean }): StateFolder {
  const path = join(repository.root, repository.isBare ? 'agentswarm' : '.agentswarm');
  return {
    path,
    lock: join(path, 'run.lock'),
    store: join(path, 'store.git'),
    landing: join(path, 'landing.git'),
    sandboxes: join(path, 'sandboxes'),
  };
}

/** Paths of a run; nothing is created. */
export function runFolderOf(state: StateFolder, runId: RunId): RunFolder {
  const path = join(state.path, 'runs', runId);
  return {
    path,
    journal: join(path, 'journal.db'),
    log: join(path, 'log.ndjson'),
    transcripts: join(path, 'transcripts'),
  };
}

/** Creates the state folder, which keeps itself out of the target's status. */
export async function createStateFolder(state: StateFolder): Promise<void> {
  await mkdir(state.path, { recursive: true });
  await writeFile(join(state.path, '.gitignore'), '*\n');
}

/** Creates the folder of a run and its transcripts. */
export async function createRunFolder(state: StateFolder, runId: RunId): Promise<RunFolder> {
  await createStateFolder(state);
  const folder = runFolderOf(state, runId);
  await mkdir(folder.transcripts, { recursive: true });
  return folder;
}
