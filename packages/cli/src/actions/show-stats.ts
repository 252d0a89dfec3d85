import { locateTarget } from '../config/locate-target.ts';
import type { CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { readBegunRun } from '../runs/read-run.ts';
import { findRun } from '../runs/run-folder.ts';
import { printSummary } from '../summary/print-summary.ts';
import type { StatusFlags } from './show-status.ts';

/** `agentswarm stats [RUN]`: the summary of a run, recomputed from its journal. */
export async function showStats(
  context: CliContext,
  runId: string | undefined,
  flags: StatusFlags,
): Promise<ExitCode> {
  const targetPath = locateTarget(context.directory, flags.target ?? context.env['TARGET_REPO_PATH']);
  const state = await readBegunRun(await findRun(targetPath, runId));
  await printSummary(context, state, flags.json === true ? 'json' : 'text');
  return EXIT_CODES.goalMet;
}
