import { resolveConfig, type SwarmConfig } from '@agentswarm/core';
import type { BackendKind } from './backend-kinds.ts';
import { sourcesOfFlags } from '../config/flags.ts';
import { loadConfig } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';

/** The settings that decide where sandboxes run, and as whom. */
export type BackendSettings = Pick<
  SwarmConfig,
  | 'sandboxBackend'
  | 'isolation'
  | 'pythonPath'
  | 'modalTokenId'
  | 'modalTokenSecret'
  | 'modalApp'
  | 'modalImage'
  | 'modalEnvironment'
>;

export interface BackendChoice {
  readonly backend: BackendKind;
  readonly isolation: SwarmConfig['isolation'];
  /** Whose configuration counts besides that of the directory the command was typed in. */
  readonly directory: string;
}

/** The settings of a command outside a run: its flags, and what remote sandboxes need of the configuration. */
export async function readBackendSettings(
  context: Pick<CliContext, 'directory' | 'env'>,
  { backend, isolation, directory }: BackendChoice,
): Promise<BackendSettings> {
  const flags = { backend, isolation };
  if (backend === 'local') return resolveConfig(sourcesOfFlags(flags));
  return (await loadConfig(context, { ...flags, target: directory })).config;
}
