import { RunIdSchema, type AttemptId, type AttemptState, type RunId, type RunState } from '@agentswarm/core';
import { locateTarget } from '../config/locate-target.ts';
import type { CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { readState } from '../runs/read-run.ts';
import { findRun, storePath } from '../runs/run-folder.ts';
import { formatList } from '../view/format.ts';
import { readKeptWork, type KeptWork } from './kept-work.ts';

/** Which run to look at, on the command line. */
export interface AttemptsFlags {
  readonly target?: string;
  readonly run?: string;
  readonly json?: boolean;
}

/** The attempts of a run: what its journal tells, and what the store keeps. */
export interface RunAttempts {
  readonly targetPath: string;
  readonly runId: RunId;
  /** Repository with the commits. */
  readonly store: string;
  readonly state: RunState;
  readonly kept: ReadonlyMap<AttemptId, KeptWork>;
}

/** An attempt with what is kept of it. */
export interface FoundAttempt extends RunAttempts {
  readonly attempt: AttemptState;
  readonly work: KeptWork;
}

/** Reads the attempts of the run named, else of the newest one. @throws {CliError} CLI_RUN_NOT_FOUND. */
export async function openAttempts(context: CliContext, flags: AttemptsFlags): Promise<RunAttempts> {
  const targetPath = locateTarget(context.directory, flags.target ?? context.env['TARGET_REPO_PATH']);
  const folder = await findRun(targetPath, flags.run);
  const runId = RunIdSchema.parse(folder.runId);
  const store = storePath(targetPath);
  const state = await readState(folder);
  return { targetPath, runId, store, state, kept: await readKeptWork(store, runId) };
}

/** Finds one attempt. @throws {CliError} CLI_ATTEMPT_NOT_FOUND naming those there are. */
export async function openAttempt(
  context: CliContext,
  attemptId: string,
  flags: AttemptsFlags,
): Promise<FoundAttempt> {
  const attempts = await openAttempts(context, flags);
  const { state, runId, kept } = attempts;
  const attempt = [...state.attempts.values()].find(({ id }) => id === attemptId);
  if (attempt !== undefined) return { ...attempts, attempt, work: kept.get(attempt.id) ?? { snapshots: [] } };
  const known = [...state.attempts.keys()];
  const others = known.length === 0 ? 'it has none yet' : `its attempts: ${formatList(known, 10)}`;
  throw new CliError('CLI_ATTEMPT_NOT_FOUND', `run ${runId} has no attempt ${attemptId}; ${others}`, {
    details: { known },
  });
}
