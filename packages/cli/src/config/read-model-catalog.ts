import type { SwarmConfig } from '@agentswarm/core';
import { createModelCatalog, parseModelFile, type ModelCatalog } from '@agentswarm/llm-client';
import { CliError } from '../errors.ts';
import { readTextIfExists } from './read-files.ts';

/**
 * What is known of models: the person's own entries before those of llm-client.
 *
 * @throws {CliError} CLI_CONFIG_FILE when the file the configuration names is not there.
 * @throws {LlmError} CATALOG_INVALID listing its problems.
 */
export async function readModelCatalog({ modelCatalog: path }: SwarmConfig): Promise<ModelCatalog> {
  if (path === undefined) return createModelCatalog();
  const text = await readTextIfExists(path);
  if (text === undefined)
    throw new CliError('CLI_CONFIG_FILE', `MODEL_CATALOG names ${path}, which does not exist`, {
      details: { path },
    });
  return createModelCatalog(parseModelFile(text, path));
}
