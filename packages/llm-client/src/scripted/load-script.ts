import { readdir, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { z } from 'zod';
import { LlmError } from '../errors.ts';
import { inlineFiles } from './inline-files.ts';
import { ModelFileSchema, RuleFileSchema, type Rule, type Script } from './script-schema.ts';

const MODEL_FILE = 'model.json';

/**
 * Reads `model.json` and every `*.rules.json` below the directory, in path order.
 *
 * @throws {LlmError} SCRIPT_INVALID listing every problem with its file and path.
 */
export async function loadScript(scriptDir: string): Promise<Script> {
  const problems: string[] = [];
  const root = await realpath(scriptDir).catch((cause: unknown) => {
    throw new LlmError('SCRIPT_INVALID', `script directory ${scriptDir} cannot be read`, { cause });
  });
  const model = await readPart(root, { file: MODEL_FILE, schema: ModelFileSchema, problems });
  const rules: Rule[] = [];
  const files = await findRuleFiles(root);
  if (files.length === 0) problems.push('no *.rules.json file');
  for (const file of files) {
    const part = await readPart(root, { file, schema: RuleFileSchema, problems });
    rules.push(...(part?.rules ?? []).map((rule) => ({ ...rule, file })));
  }
  problems.push(...findDuplicates(rules));
  if (problems.length > 0 || model === undefined) {
    throw new LlmError('SCRIPT_INVALID', `script ${scriptDir} is invalid:\n  ${problems.join('\n  ')}`, {
      details: { scriptDir, problems },
    });
  }
  return { ...model, rules };
}

async function findRuleFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true });
  return entries
    .map((entry) => entry.split(sep).join('/'))
    .filter((entry) => entry.endsWith('.rules.json') && !entry.split('/').includes('node_modules'))
    .toSorted();
}

async function readPart<T>(
  root: string,
  part: { readonly file: string; readonly schema: z.ZodType<T>; readonly problems: string[] },
): Promise<T | undefined> {
  const { file, schema, problems } = part;
  try {
    const raw: unknown = JSON.parse(await readFile(join(root, file), 'utf8'));
    const inlined = await inlineFiles(raw, { root, at: [], problems, file });
    const parsed = schema.safeParse(inlined);
    if (parsed.success) return parsed.data;
    problems.push(...parsed.error.issues.map(({ path, message }) => `${file}: ${dotted(path)}: ${message}`));
  } catch (error) {
    problems.push(
      `${file}: ${error instanceof SyntaxError ? 'is no JSON' : 'cannot be read'}: ${String(error)}`,
    );
  }
  return undefined;
}

function findDuplicates(rules: readonly Rule[]): string[] {
  const first = new Map<string, string>();
  return rules.flatMap(({ name, file }) => {
    const earlier = first.get(name);
    if (earlier !== undefined) return [`${file}: rule "${name}" has the name of a rule in ${earlier}`];
    first.set(name, file);
    return [];
  });
}

function dotted(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '(top level)' : path.map(String).join('.');
}
