import { budgetSettingsOf, type BudgetPolicy } from '@agentswarm/core';
import { loadConfig, type ConfigFlags } from '../config/load-config.ts';
import { resolveEndpoints } from '../config/resolve-endpoints.ts';
import { restoreConfig } from '../config/restore-config.ts';
import type { SettingFlags } from '../config/flags.ts';
import type { CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import type { ExitCode } from '../exit-codes.ts';
import { readState } from '../runs/read-run.ts';
import { findRun, listRuns, type RunFolder } from '../runs/run-folder.ts';
import { selectOutputMode, type OutputFlags } from '../view/run-view.ts';
import { driveRun } from './drive-run.ts';
import { resumeCommandFor } from './resume-command.ts';
import { recordTo } from './start-run.ts';

export interface ResumeFlags
  extends
    OutputFlags,
    Pick<SettingFlags, 'baseUrl' | 'model' | 'budgetUsd' | 'budgetTokens' | 'budgetLimits'> {
  readonly target?: string;
  readonly record?: string;
}

/** `agentswarm resume [RUN]`: the run named, else the newest one that has not met its goal. */
export async function resumeRun(
  context: CliContext,
  runId: string | undefined,
  flags: ResumeFlags,
): Promise<ExitCode> {
  const located: ConfigFlags = flags.target === undefined ? {} : { target: flags.target };
  const { config: current, sources, targetPath } = await loadConfig(context, located);
  const { folder, journaled } = await selectUnfinished(targetPath, runId);
  const config = restoreConfig({ journaled, runId: folder.runId, flags, sources, current });
  return driveRun(context, {
    config,
    endpoints: resolveEndpoints(config),
    targetPath,
    mode: selectOutputMode(flags, { isTTY: context.stdout.isTTY === true, term: context.env['TERM'] }),
    resumeRunId: folder.runId,
    ...recordTo(context, flags.record),
    resumeCommand: resumeCommandFor(context.directory, targetPath),
  });
}

/**
 * The run to take up and its configuration.
 *
 * @throws {CliError} CLI_NOTHING_TO_RESUME when every candidate has met its goal or never started.
 */
export async function selectUnfinished(
  targetPath: string,
  runId: string | undefined,
): Promise<{ folder: RunFolder; journaled: Readonly<Record<string, unknown>> }> {
  const candidates =
    runId === undefined ? (await listRuns(targetPath)).toReversed() : [await findRun(targetPath, runId)];
  for (const folder of candidates) {
    const state = await readState(folder);
    if (state.run !== undefined && state.finished?.outcome !== 'goal_met')
      return { folder, journaled: journaledConfig(state.run.config, state.spend.policy) };
  }
  const what = runId === undefined ? `${targetPath} has no unfinished run` : `run ${runId} has met its goal`;
  throw new CliError('CLI_NOTHING_TO_RESUME', what);
}

/** The configuration a run was started with, with the bounds that were set last. */
function journaledConfig(
  config: Readonly<Record<string, unknown>>,
  policy: BudgetPolicy,
): Readonly<Record<string, unknown>> {
  // A run that died before its bounds were recorded has those it was started with.
  if (Object.keys(policy).length === 0) return config;
  const { budgetUsd: _usd, budgetTokens: _tokens, budgetLimits: _limits, ...rest } = config;
  return { ...rest, ...budgetSettingsOf(policy) };
}
