import type { SwarmConfig } from '@agentswarm/core';
import { parseModelNotes, type ModelNotes } from '@agentswarm/llm-client';
import { CliError } from '../errors.ts';
import { readTextIfExists } from './read-files.ts';

/** What is noted about models, by name. */
export type NotesByModel = ReadonlyMap<string, ModelNotes>;

/**
 * What a person noted about models.
 *
 * @throws {CliError} CLI_CONFIG_FILE when the file the configuration names is not there.
 */
export async function readModelNotes({ modelNotes: path }: SwarmConfig): Promise<NotesByModel> {
  if (path === undefined) return new Map();
  const text = await readTextIfExists(path);
  if (text !== undefined) return parseNotesFile(text);
  throw new CliError('CLI_CONFIG_FILE', `MODEL_NOTES names ${path}, which does not exist`, {
    details: { path },
  });
}

/** Splits a file into models: a line `[name]`, then lines such as `avoid:planner`; other lines are for people. */
export function parseNotesFile(text: string): NotesByModel {
  const [, ...parts] = text.split(/^\[([^\]\n]+)\][ \t\r]*$/m);
  const texts = new Map<string, string>();
  for (const [index, name] of parts.entries()) {
    if (index % 2 === 1) continue;
    const known = texts.get(name.trim()) ?? '';
    texts.set(name.trim(), `${known}\n${parts[index + 1] ?? ''}`);
  }
  return new Map([...texts].map(([name, lines]) => [name, parseModelNotes(lines)]));
}
