import { resolve } from 'node:path';
import { attemptRef, snapshotRefs } from '@agentswarm/core';
import { chooseCommit, type ChosenCommit } from '../attempts/choose-commit.ts';
import { openAttempt, type AttemptsFlags, type FoundAttempt } from '../attempts/open-attempts.ts';
import { restoreBranch, restoreFolder } from '../attempts/restore-work.ts';
import { print, printJson, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';

export interface RestoreAttemptFlags extends AttemptsFlags {
  readonly snapshot?: string;
  readonly branch?: string;
  readonly to?: string;
}

/** `agentswarm attempts restore ATTEMPT`: what an attempt did, as a new branch or a new folder. */
export async function restoreAttempt(
  context: CliContext,
  attemptId: string,
  flags: RestoreAttemptFlags,
): Promise<ExitCode> {
  if ((flags.branch === undefined) === (flags.to === undefined)) {
    throw new CliError('CLI_USAGE', 'name either a new branch (--branch NAME) or a new folder (--to DIR)');
  }
  const found = await openAttempt(context, attemptId, flags);
  const chosen = chooseCommit(found, flags.snapshot);
  const place = await restore(context, { found, chosen, flags });
  if (flags.json === true) {
    printJson(context, { runId: found.runId, attemptId: found.attempt.id, ...chosen, ...place });
    return EXIT_CODES.goalMet;
  }
  const which = chosen.snapshot === undefined ? '' : ` (snapshot ${chosen.snapshot})`;
  const where = 'branch' in place ? `branch ${place.branch} of ${found.targetPath}` : place.directory;
  print(context, `${found.attempt.id}${which} is at ${where}`);
  if ('branch' in place)
    print(context, `what it changed: git diff ${found.attempt.base.slice(0, 10)} ${place.branch}`);
  return EXIT_CODES.goalMet;
}

async function restore(
  context: CliContext,
  asked: { readonly found: FoundAttempt; readonly chosen: ChosenCommit; readonly flags: RestoreAttemptFlags },
): Promise<{ readonly branch: string } | { readonly directory: string }> {
  const { found, chosen, flags } = asked;
  const { store, runId, attempt, targetPath } = found;
  const { commit, snapshot } = chosen;
  const ref =
    snapshot === undefined ? attemptRef(runId, attempt.id) : `${snapshotRefs(runId, attempt.id)}/${snapshot}`;
  const work = { store, commit, ref };
  if (flags.branch !== undefined) return { branch: await restoreBranch(work, targetPath, flags.branch) };
  const directory = resolve(context.directory, flags.to ?? '');
  await restoreFolder(work, directory);
  return { directory };
}
