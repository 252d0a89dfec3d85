import { resolve } from 'node:path';
import { checkEngineHealth, type HealthStatus } from '@agentswarm/dag-engine/engine';
import { printJson, type CliContext } from '../context.ts';
import { readEnvironment } from '../engine/engine-setup.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';

export interface HealthFlags {
  readonly directory?: readonly string[];
  readonly strict?: boolean;
}

/** `agentswarm engine healthcheck DIR`: a report for probes; 1 when the engine cannot work. */
export async function checkEngine(context: CliContext, dir: string, flags: HealthFlags): Promise<ExitCode> {
  const { directory: typedIn } = context;
  const configDir = resolve(typedIn, dir);
  const env = await readEnvironment(context, configDir);
  const { AGENT_ENGINE_STATE_DIR: stateDir = '' } = env;
  const directories = flags.directory ?? (stateDir === '' ? [] : [stateDir]);
  const report = await checkEngineHealth({
    configDir,
    directories: directories.map((path) => resolve(typedIn, path)),
    env,
  });
  printJson(context, report);
  return exitCodeOf(report.status, flags.strict === true);
}

/** What is degraded works: only who asks for it hears of it. */
function exitCodeOf(status: HealthStatus, isStrict: boolean): ExitCode {
  if (status === 'unhealthy') return EXIT_CODES.notMet;
  return status === 'degraded' && isStrict ? EXIT_CODES.usage : EXIT_CODES.goalMet;
}
