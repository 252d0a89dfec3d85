import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { SettingSource } from '@agentswarm/core';
import type { EngineOptions } from '@agentswarm/dag-engine/engine';
import { loadConfig, secretsOf } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { createLogging } from '../logging/create-logging.ts';
import { createAnsweringModel, type AnsweringModel } from './answering-model.ts';
import { toTerminalLine } from '../view/terminal-text.ts';
import { openModelAccess, type ModelAccess } from './model-access.ts';
import { readAnswers } from './read-answers.ts';
import { serveProviders } from './serve-providers.ts';

export interface ModelFlags {
  readonly mock?: string;
}

/** Everything an engine is opened with. Dispose it after the engine. */
export interface EngineSetup extends AsyncDisposable {
  /** Absolute. */
  readonly configDir: string;
  readonly options: EngineOptions & { readonly env: NonNullable<EngineOptions['env']> };
  /** Plays models from a file, if there is one. */
  readonly answers: AnsweringModel | undefined;
  /** How real models are asked. */
  readonly access: ModelAccess;
}

type Env = EngineSetup['options']['env'];

/**
 * Reads the settings of the project that a configuration directory lies in. Without `models` nothing is going to be
 * asked of one: no file of answers is read, and no budget checked.
 */
export async function setUpEngine(
  context: CliContext,
  dir: string,
  models?: ModelFlags,
): Promise<EngineSetup> {
  const configDir = locateWorkflow(context.directory, dir);
  const { config, sources } = await loadConfig(context, { target: dirname(configDir) });
  const env = environmentOf(sources);
  const { logger } = createLogging({
    level: 'warn',
    secrets: secretsOf(config),
    shownLevel: 'warn',
    show: (line) => void context.stderr.write(`${line}\n`),
  });
  const forAll = models?.mock !== undefined || isOn(env['AGENT_ENGINE_USE_MOCK_LLM']);
  const file = models?.mock ?? env['AGENT_ENGINE_MOCK_FILE'];
  const model = models && (await openAnswers(context.directory, { file, forAll }));
  const answers = model === undefined ? {} : { answers: { model, forAll } };
  const warn = (warning: string) => void context.stderr.write(`warning: ${toTerminalLine(warning)}\n`);
  const access = await openModelAccess({
    ...{ config, context, stateDir: stateDirOf(context, env) },
    isAsking: models !== undefined && !forAll,
  });
  const llmFactory = serveProviders({ config, access, warn, ...answers });
  const options = { env, llmFactory, logger };
  return {
    ...{ configDir, options, answers: model, access },
    [Symbol.asyncDispose]: () => access[Symbol.asyncDispose](),
  };
}

/** The variables an engine of this directory gets; those of `.env` files too, where there is a project to have them. */
export async function readEnvironment(context: CliContext, configDir: string): Promise<Env> {
  const project = dirname(configDir);
  if (!existsSync(project)) return context.env;
  return environmentOf((await loadConfig(context, { target: project })).sources);
}

/** The absolute path of a configuration directory. @throws {CliError} CLI_NO_WORKFLOW when it holds none. */
function locateWorkflow(directory: string, dir: string): string {
  const path = resolve(directory, dir);
  if (existsSync(join(path, 'workflow.yaml'))) return path;
  const inside = existsSync(join(path, 'config', 'workflow.yaml'));
  const message = inside
    ? `${path} holds no workflow.yaml; ${join(path, 'config')} does`
    : `${path} holds no workflow.yaml`;
  throw new CliError('CLI_NO_WORKFLOW', message, { details: { path } });
}

function stateDirOf(
  { directory }: CliContext,
  { AGENT_ENGINE_STATE_DIR: path = '' }: Env,
): string | undefined {
  return path === '' ? undefined : resolve(directory, path);
}

/** The process's variables above those of `.env` files. */
function environmentOf(sources: readonly SettingSource[]): Env {
  const texts = sources.flatMap((source) => (source.kind === 'text' ? [source.entries] : []));
  return Object.assign({}, ...texts.toReversed()) as Env;
}

async function openAnswers(
  directory: string,
  { file, forAll }: { readonly file: string | undefined; readonly forAll: boolean },
): Promise<AnsweringModel | undefined> {
  if (file !== undefined && file !== '') {
    return createAnsweringModel(file, await readAnswers(resolve(directory, file)));
  }
  if (!forAll) return undefined;
  throw new CliError(
    'CLI_ANSWERS_INVALID',
    'AGENT_ENGINE_USE_MOCK_LLM is set, but no file of answers: AGENT_ENGINE_MOCK_FILE',
  );
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value);
}
