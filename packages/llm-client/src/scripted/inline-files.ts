import { readFile, realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';

interface Inlining {
  /** Real path of the script directory. */
  readonly root: string;
  /** Where in the document we are, for problems. */
  readonly at: readonly string[];
  /** The document, for problems. */
  readonly file: string;
  /** Collects what is wrong. */
  readonly problems: string[];
}

/** Replaces every `{ "$file": "path" }` in a JSON value by that file's text. */
export async function inlineFiles(value: unknown, context: Inlining): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value;
  const below = (key: string, item: unknown) => inlineFiles(item, { ...context, at: [...context.at, key] });
  if (Array.isArray(value)) return await Promise.all(value.map((item, index) => below(String(index), item)));
  const entries = Object.entries(value);
  const [only] = entries;
  if (only?.[0] === '$file' && entries.length === 1) return await readInside(only[1], context);
  return Object.fromEntries(
    await Promise.all(entries.map(async ([key, item]) => [key, await below(key, item)] as const)),
  );
}

async function readInside(path: unknown, context: Inlining): Promise<string> {
  const { root, at, file, problems } = context;
  const problem = (text: string) => {
    problems.push(`${file}: ${[...at, '$file'].join('.')}: ${text}`);
    return '';
  };
  if (typeof path !== 'string' || path === '') return problem('must be a relative path');
  try {
    const target = await realpath(resolve(root, path));
    if (!target.startsWith(root + sep)) return problem(`${path} is outside the script directory`);
    return await readFile(target, 'utf8');
  } catch (error) {
    return problem(`${path} cannot be read: ${String(error)}`);
  }
}
