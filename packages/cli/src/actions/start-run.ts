import { resolve } from 'node:path';
import { loadConfig, type ConfigFlags } from '../config/load-config.ts';
import { resolveEndpoints } from '../config/resolve-endpoints.ts';
import type { CliContext } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { selectOutputMode, type OutputFlags } from '../view/run-view.ts';
import { driveRun } from './drive-run.ts';
import { resumeCommandFor } from './resume-command.ts';

export interface RunFlags extends ConfigFlags, OutputFlags {
  readonly repair?: boolean;
  readonly record?: string;
}

/** Where the exchanges of a run are recorded, if they are. */
export function recordTo(context: CliContext, file: string | undefined): { readonly recordPath?: string } {
  return file === undefined ? {} : { recordPath: resolve(context.directory, file) };
}

/** `agentswarm run`. */
export async function startRun(context: CliContext, flags: RunFlags): Promise<ExitCode> {
  const { config, targetPath } = await loadConfig(context, flags);
  return driveRun(context, {
    config,
    endpoints: resolveEndpoints(config),
    targetPath,
    mode: selectOutputMode(flags, { isTTY: context.stdout.isTTY === true, term: context.env['TERM'] }),
    repair: flags.repair === true,
    ...recordTo(context, flags.record),
    resumeCommand: resumeCommandFor(context.directory, targetPath),
  });
}
