import { readFile } from 'node:fs/promises';
import type { JsonValue } from '@agentswarm/dag-engine/engine';
import { CliError } from '../errors.ts';

/** Replies written by a person, by what asks for them. */
export interface Answers {
  readonly ofNodes: ReadonlyMap<string, JsonValue>;
  readonly ofTools: ReadonlyMap<string, JsonValue>;
}

/**
 * Reads `{"answers": {"<node>": reply}, "tools": {"<llm tool>": reply}}`; `tools` may be missing.
 *
 * @throws {CliError} CLI_ANSWERS_INVALID.
 */
export async function readAnswers(path: string): Promise<Answers> {
  const { answers, tools = {}, ...others } = objectOf(await readJson(path), path);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalid(path, `has the unknown field "${unknown}"`);
  if (answers === undefined) throw invalid(path, 'has no field "answers"');
  const mapOf = (value: JsonValue) => new Map(Object.entries(objectOf(value, path)));
  return { ofNodes: mapOf(answers), ofTools: mapOf(tools) };
}

async function readJson(path: string): Promise<JsonValue> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as JsonValue;
  } catch (error) {
    throw invalid(path, 'cannot be read as JSON', error);
  }
}

function objectOf(value: JsonValue, path: string): Readonly<Record<string, JsonValue>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, JsonValue>>;
  }
  throw invalid(path, 'must hold objects: of nodes, and of tools');
}

function invalid(path: string, problem: string, cause?: unknown): CliError {
  return new CliError('CLI_ANSWERS_INVALID', `the answers file ${path} ${problem}`, {
    cause,
    details: { path },
  });
}
