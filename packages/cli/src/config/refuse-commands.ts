import { basename, dirname } from 'node:path';
import { InputError, type SettingSource, type SwarmConfig } from '@agentswarm/core';
import type { CliContext } from '../context.ts';
import { runCommand } from '../spawn.ts';

/**
 * Refuses a program to run or a port to open here that a file of a repository names: who writes to a repository, agents
 * too, does not choose what runs on the machine of who builds it.
 *
 * @throws {InputError} CONFIG_INVALID when it is from the target's configuration file, or a `.env` that git tracks.
 */
export async function refuseCommands(
  config: SwarmConfig,
  sources: readonly SettingSource[],
  env: CliContext['env'],
): Promise<void> {
  const starts = config.llmEndpoints?.some(({ start }) => start !== undefined) === true;
  const refused = [
    ...(starts ? [{ key: 'llmEndpoints', name: 'LLM_ENDPOINTS', what: '"start" of an endpoint runs' }] : []),
    { key: 'pythonPath', name: 'PYTHON_PATH', what: 'PYTHON_PATH runs' },
    { key: 'gatewayUrl', name: 'GATEWAY_URL', what: 'GATEWAY_URL opens a port' },
    { key: 'gatewayPort', name: 'GATEWAY_PORT', what: 'GATEWAY_PORT opens a port' },
  ] as const;
  for (const { key, name, what } of refused) {
    const source = sources.find(({ kind, entries }) => {
      const value = entries[kind === 'text' ? name : key];
      return value !== undefined && value !== '';
    });
    if (source === undefined || source.entries === env || source.origin.startsWith('flag ')) continue;
    if (source.kind === 'text' && !(await isTracked(source.origin, env))) continue;
    throw new InputError(
      'CONFIG_INVALID',
      `${source.origin}: ${what} on this machine, so a file of the repository cannot set it; ` +
        `set ${name} in the environment, or in a .env that git ignores`,
    );
  }
}

async function isTracked(path: string, env: CliContext['env']): Promise<boolean> {
  const inert = ['-c', 'core.fsmonitor=false', '-C', dirname(path)];
  const listed = await runCommand('git', [...inert, 'ls-files', '--', basename(path)], { env });
  return listed.kind === 'exited' && listed.exitCode === 0 && listed.stdout !== '';
}
