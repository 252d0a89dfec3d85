import type { Logger, ModelRole, Secret, SwarmConfig } from '@agentswarm/core';
import type { LlmEndpoint, ModelCatalog, RoleModels } from '@agentswarm/llm-client';
import { loadConfig, secretsOf, type ConfigFlags } from '../config/load-config.ts';
import { readModelCatalog } from '../config/read-model-catalog.ts';
import { readModelNotes, type NotesByModel } from '../config/read-model-notes.ts';
import { resolveEndpoints } from '../config/resolve-endpoints.ts';
import type { CliContext } from '../context.ts';
import { createLogging } from '../logging/create-logging.ts';
import { selectEndpoint } from './select-endpoint.ts';

/** Flags of the commands that ask models outside a run. */
export interface ModelFlags extends ConfigFlags {
  /** Name of the only endpoint to use. */
  readonly endpoint?: string;
}

/** What the configuration says about models. */
export interface ModelSettings {
  readonly config: SwarmConfig;
  /** At least one. */
  readonly endpoints: readonly LlmEndpoint[];
  readonly catalog: ModelCatalog;
  readonly notes: NotesByModel;
  readonly secrets: readonly Secret[];
  /** Where the command was typed: servers of this machine are started there. */
  readonly context: CliContext;
  /** Shows warnings on stderr. */
  readonly logger: Logger;
}

/**
 * Reads the settings of the directory the command was typed in, or of another target; it need not be a repository.
 *
 * @throws {CliError} CLI_NO_ENDPOINT, CLI_ENDPOINT_UNKNOWN.
 */
export async function readModelSettings(context: CliContext, flags: ModelFlags): Promise<ModelSettings> {
  const { config } = await loadConfig(context, { ...flags, target: flags.target ?? context.directory });
  const configured = resolveEndpoints(config);
  const endpoints = flags.endpoint === undefined ? configured : [selectEndpoint(configured, flags.endpoint)];
  const secrets = secretsOf(config);
  const { logger } = createLogging({
    level: 'warn',
    secrets,
    shownLevel: 'warn',
    show: (line) => void context.stderr.write(`${line}\n`),
  });
  const catalog = await readModelCatalog(config);
  return { config, endpoints, catalog, notes: await readModelNotes(config), secrets, context, logger };
}

/** Models by role; the one a person typed goes before the configuration's. */
export function modelsFor(role: ModelRole, { config }: ModelSettings, { model }: ModelFlags): RoleModels {
  return model === undefined ? config.models : { ...config.models, [role]: model };
}
