import { readPatch } from '@agentswarm/git';
import { attemptFacts } from '../attempts/attempt-facts.ts';
import { chooseCommit, newestCommit, type ChosenCommit } from '../attempts/choose-commit.ts';
import { formatAttempt } from '../attempts/format-attempt.ts';
import { inspectSnapshots, inspectWork } from '../attempts/inspect-work.ts';
import { openAttempt, type AttemptsFlags, type FoundAttempt } from '../attempts/open-attempts.ts';
import { print, printJson, type CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { toTerminalText } from '../view/terminal-text.ts';

export interface ShowAttemptFlags extends AttemptsFlags {
  readonly snapshot?: string;
  readonly diff?: boolean;
}

/** `agentswarm attempts show ATTEMPT`: how it went and what is kept of it; with `--diff`, its patch alone. */
export async function showAttempt(
  context: CliContext,
  attemptId: string,
  flags: ShowAttemptFlags,
): Promise<ExitCode> {
  const found = await openAttempt(context, attemptId, flags);
  const mustExist = flags.snapshot !== undefined || flags.diff === true;
  const chosen = mustExist ? chooseCommit(found, flags.snapshot) : newestCommit(found);
  if (flags.json === true) await showAsJson(context, { found, chosen, withPatch: flags.diff === true });
  else if (chosen !== undefined && flags.diff === true) await showPatch(context, found, chosen);
  else {
    const shown = chosen && { chosen, work: await inspectWork(found, chosen) };
    print(context, formatAttempt(found, await inspectSnapshots(found), shown));
  }
  return EXIT_CODES.goalMet;
}

async function showAsJson(
  context: CliContext,
  { found, chosen, withPatch }: { found: FoundAttempt; chosen: ChosenCommit | undefined; withPatch: boolean },
): Promise<void> {
  const { attempt, work, runId } = found;
  const patch = chosen && withPatch ? { diff: (await patchOf(found, chosen)).toString('utf8') } : {};
  const shown = chosen && { ...chosen, ...(await inspectWork(found, chosen)), ...patch };
  printJson(context, {
    runId,
    ...attemptFacts(attempt, work),
    ...(shown === undefined ? {} : { shown }),
    snapshots: await inspectSnapshots(found),
  });
}

/** A terminal gets text that cannot steer it, a file or program the patch as it is. */
async function showPatch(context: CliContext, found: FoundAttempt, chosen: ChosenCommit): Promise<void> {
  const patch = await patchOf(found, chosen);
  context.stdout.write(context.stdout.isTTY === true ? toTerminalText(patch.toString('utf8')) : patch);
}

function patchOf(found: FoundAttempt, { commit: head }: ChosenCommit): Promise<Buffer> {
  return readPatch({ repository: found.store, base: found.attempt.base, head });
}
