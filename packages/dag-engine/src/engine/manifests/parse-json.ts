import { toSwarmError } from '@agentswarm/core';
import type { JsonValue } from '../model/json.ts';
import { findForbiddenData } from './forbidden-data.ts';
import type { Parsed } from './parsed.ts';

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:]/gs;

/** Reads JSON text, refusing a key that is written twice in one object. */
export function parseJson(text: string): Parsed {
  try {
    const value = JSON.parse(text) as JsonValue;
    const twice = findDuplicateKey(text);
    const problem =
      twice === null ? findForbiddenData(value) : `the key "${twice}" is written twice in one object`;
    return problem === null ? { ok: true, value } : { ok: false, problem };
  } catch (error) {
    return { ok: false, problem: `Invalid JSON: ${toSwarmError(error).message}` };
  }
}

/** Expects valid JSON. */
function findDuplicateKey(text: string): string | null {
  const open: Set<string>[] = [];
  let last = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const key = JSON.parse(last) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    } else last = token;
  }
  return null;
}
