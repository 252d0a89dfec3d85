import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { SettingSource } from '@agentswarm/core';
import { CliError } from '../errors.ts';

const CONFIG_FILES = ['agentswarm.config.json', 'agentswarm.config.yaml', 'agentswarm.config.yml'] as const;

/** The text of a file; undefined when there is none. Other failures throw. */
export async function readTextIfExists(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new CliError('CLI_CONFIG_FILE', `cannot read ${path}`, { cause: error, details: { path } });
  }
}

function isMissing(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The settings of a directory's `.env` file, if it has one. */
export async function readEnvFile(directory: string): Promise<SettingSource | undefined> {
  const path = join(directory, '.env');
  const text = await readTextIfExists(path);
  return text === undefined ? undefined : { origin: path, kind: 'text', entries: parseEnv(text) };
}

/**
 * The settings of the target's `agentswarm.config.{json,yaml,yml}`, if it has one.
 *
 * @throws {CliError} CLI_CONFIG_FILE when there are several, or the file is not a list of settings.
 */
export async function readConfigFile(targetPath: string): Promise<SettingSource | undefined> {
  const texts = await Promise.all(
    CONFIG_FILES.map(async (name) => ({ name, text: await readTextIfExists(join(targetPath, name)) })),
  );
  const [first, second] = texts.filter((file) => file.text !== undefined);
  if (first?.text === undefined) return undefined;
  if (second !== undefined) {
    throw new CliError(
      'CLI_CONFIG_FILE',
      `both ${first.name} and ${second.name} exist in ${targetPath}; keep one`,
    );
  }
  const path = join(targetPath, first.name);
  return { origin: path, kind: 'values', entries: await parseConfig(path, first.text) };
}

async function parseConfig(path: string, text: string): Promise<Readonly<Record<string, unknown>>> {
  const value = await parseText(path, text);
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new CliError('CLI_CONFIG_FILE', `${path} must hold an object of settings`, { details: { path } });
  }
  return Object.fromEntries(Object.entries(value));
}

async function parseText(path: string, text: string): Promise<unknown> {
  try {
    if (path.endsWith('.json')) return JSON.parse(text);
    const { parse } = await import('yaml');
    return parse(text);
  } catch (error) {
    const form = path.endsWith('.json') ? 'JSON' : 'YAML';
    throw new CliError('CLI_CONFIG_FILE', `${path} is not valid ${form}: ${firstLine(error)}`, {
      cause: error,
      details: { path },
    });
  }
}

function firstLine(error: unknown): string {
  return String(error).split('\n', 1)[0] ?? '';
}
