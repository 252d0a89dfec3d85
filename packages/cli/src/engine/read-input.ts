import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { JsonValue } from '@agentswarm/dag-engine/engine';
import type { CliContext } from '../context.ts';
import { CliError } from '../errors.ts';

type Reading = Pick<CliContext, 'directory' | 'openStdin'>;

/**
 * The text of a file; `-` is standard input.
 *
 * @throws {CliError} CLI_FILE_UNREADABLE.
 */
export async function readText({ directory, openStdin }: Reading, file: string): Promise<string> {
  if (file === '-') return await text(openStdin());
  try {
    return await readFile(resolve(directory, file), 'utf8');
  } catch (error) {
    throw new CliError('CLI_FILE_UNREADABLE', `cannot read ${file}`, { cause: error, details: { file } });
  }
}

/**
 * What `--input` says: JSON as it stands, `@FILE`, or `-` for standard input.
 *
 * @throws {CliError} CLI_INPUT_INVALID for what is not JSON, CLI_FILE_UNREADABLE.
 */
export async function readInput(reading: Reading, input: string): Promise<JsonValue> {
  if (input === '-') return parseInput(await readText(reading, '-'), 'standard input');
  if (!input.startsWith('@')) return parseInput(input, '--input');
  const file = input.slice(1);
  return parseInput(await readText(reading, file), file);
}

/** @throws {CliError} CLI_INPUT_INVALID, naming where the text comes from. */
export function parseInput(json: string, origin: string): JsonValue {
  try {
    return JSON.parse(json) as JsonValue;
  } catch (error) {
    throw new CliError('CLI_INPUT_INVALID', `${origin} is not JSON`, {
      cause: error,
      details: { origin },
    });
  }
}
