import { createInterface } from 'node:readline';
import { toSwarmError } from '@agentswarm/core';
import type { JsonValue } from '@agentswarm/dag-engine/engine';
import type { CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { parseInput, readInput, readText } from './read-input.ts';

/** A line of standard input: what to run, or why there is nothing to run. */
export type QueueInput =
  | { readonly kind: 'input'; readonly value: JsonValue }
  | { readonly kind: 'malformed'; readonly line: number; readonly message: string };

type Reading = Pick<CliContext, 'directory' | 'openStdin'>;

/**
 * The inputs that `--input` names, in batches that are ready together: JSON as it stands is one input, `@FILE` holds a
 * list of them (or one a line when it is called .jsonl), and `-` takes them from standard input, one a line, as they
 * come. A typed line that is no JSON is told of in its place: who typed the others cannot take them back.
 *
 * @throws {CliError} CLI_INPUT_INVALID for the first that is none on the command line or in a file.
 */
export async function* readBatches(
  reading: Reading,
  inputs: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<readonly QueueInput[]> {
  const ready: JsonValue[] = [];
  for (const input of inputs) if (input !== '-') ready.push(...(await readInputs(reading, input)));
  if (ready.length > 0) yield ready.map((value) => ({ kind: 'input', value }));
  if (inputs.includes('-')) yield* linesOf(reading, signal);
}

async function readInputs(reading: Reading, input: string): Promise<readonly JsonValue[]> {
  if (!input.startsWith('@')) return [await readInput(reading, input)];
  const file = input.slice(1);
  const text = await readText(reading, file);
  if (file.endsWith('.jsonl'))
    return text.split('\n').flatMap((line, index) => parseLine(line, `${file}:${index + 1}`));
  const list = parseInput(text, file);
  if (Array.isArray(list)) return list as readonly JsonValue[];
  throw new CliError('CLI_INPUT_INVALID', `${file} must hold a list of inputs`, { details: { file } });
}

async function* linesOf({ openStdin }: Reading, signal: AbortSignal): AsyncGenerator<readonly QueueInput[]> {
  const lines = createInterface({ input: openStdin(), signal });
  const input = { isOpen: true, waiting: [] as string[] };
  let change = Promise.withResolvers<void>();
  lines.on('line', (line) => {
    input.waiting.push(line);
    change.resolve();
  });
  lines.on('close', () => {
    input.isOpen = false;
    change.resolve();
  });
  for (let taken = 0; input.isOpen || input.waiting.length > 0;) {
    if (input.waiting.length === 0) {
      change = Promise.withResolvers();
      await change.promise;
      continue;
    }
    const batch = input.waiting.splice(0);
    yield batch.flatMap((line, index) => parseTypedLine(line, taken + index + 1));
    taken += batch.length;
  }
}

function parseLine(line: string, origin: string): JsonValue[] {
  return line.trim() === '' ? [] : [parseInput(line, origin)];
}

function parseTypedLine(text: string, line: number): QueueInput[] {
  try {
    return parseLine(text, `line ${line}`).map((value) => ({ kind: 'input', value }));
  } catch (error) {
    return [{ kind: 'malformed', line, message: toSwarmError(error).message }];
  }
}
