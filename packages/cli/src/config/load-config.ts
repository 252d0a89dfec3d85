import { resolve } from 'node:path';
import { resolveConfig, type Secret, type SettingSource, type SwarmConfig } from '@agentswarm/core';
import type { CliContext } from '../context.ts';
import { keepFirstEndpointChoice } from './endpoint-choice.ts';
import { sourcesOfFlags, type SettingFlags } from './flags.ts';
import { locateTarget } from './locate-target.ts';
import { readConfigFile, readEnvFile } from './read-files.ts';
import { refuseCommands } from './refuse-commands.ts';

export interface ConfigFlags extends SettingFlags {
  readonly target?: string;
}

export interface LoadedConfig {
  readonly config: SwarmConfig;
  /** Absolute. */
  readonly targetPath: string;
  /** Where values came from, most important first. */
  readonly sources: readonly SettingSource[];
}

/** Reads flags, environment, `.env` files and the target's configuration file, in this order of importance. */
export async function loadConfig(
  context: Pick<CliContext, 'directory' | 'env'>,
  flags: ConfigFlags,
): Promise<LoadedConfig> {
  const environment: SettingSource = { origin: 'environment', kind: 'text', entries: context.env };
  const typedIn = await readEnvFile(context.directory);
  const targetPath = locateTarget(
    context.directory,
    flags.target ?? context.env['TARGET_REPO_PATH'] ?? textEntry(typedIn, 'TARGET_REPO_PATH'),
  );
  const inTarget = targetPath === context.directory ? undefined : await readEnvFile(targetPath);
  const file = await readConfigFile(targetPath);
  const sources = keepFirstEndpointChoice([
    { origin: 'target', kind: 'values', entries: { targetRepoPath: targetPath } },
    ...sourcesOfFlags(flags),
    environment,
    ...[typedIn, inTarget, file].filter((source) => source !== undefined),
  ]);
  const config = locateFiles(context.directory, resolveConfig(sources));
  await refuseCommands(config, sources, context.env);
  return { config, targetPath, sources };
}

/** Paths of files are those of the directory a person typed them in, also when the run is resumed elsewhere. */
export function locateFiles(directory: string, config: SwarmConfig): SwarmConfig {
  const { modelCatalog, modelNotes, pythonPath } = config;
  return {
    ...config,
    // A name alone is looked up on PATH.
    ...(pythonPath.includes('/') ? { pythonPath: resolve(directory, pythonPath) } : {}),
    ...(modelCatalog === undefined ? {} : { modelCatalog: resolve(directory, modelCatalog) }),
    ...(modelNotes === undefined ? {} : { modelNotes: resolve(directory, modelNotes) }),
  };
}

function textEntry(source: SettingSource | undefined, name: string): string | undefined {
  const value = source?.entries[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

type HoldingSecrets = Pick<
  SwarmConfig,
  'llmApiKey' | 'gitToken' | 'runpodApiKey' | 'modalTokenId' | 'modalTokenSecret' | 'llmEndpoints'
>;

/** Every secret of a configuration, or of a part of one. */
export function secretsOf(config: Partial<HoldingSecrets>): Secret[] {
  const { llmApiKey, gitToken, runpodApiKey, modalTokenId, modalTokenSecret } = config;
  const keys = [llmApiKey, gitToken, runpodApiKey, modalTokenId, modalTokenSecret];
  const endpointKeys = (config.llmEndpoints ?? []).map((endpoint) => endpoint.apiKey);
  return [...keys, ...endpointKeys].filter((secret) => secret !== undefined);
}
