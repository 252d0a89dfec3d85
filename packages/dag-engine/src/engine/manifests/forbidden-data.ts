import { isJsonObject, type JsonValue } from '../model/json.ts';

/** Deeper data than this is an attack on whoever walks it. */
export const MAX_DEPTH = 100;

/**
 * Says why parsed data may not enter the engine: keys that reach an object's prototype wherever somebody merges
 * objects carelessly, and nesting that exhausts a stack. `null` when there is nothing against it.
 */
export function findForbiddenData(value: JsonValue, depth = 0): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= MAX_DEPTH) return `nested deeper than ${MAX_DEPTH} levels`;
  for (const [key, inner] of Object.entries(value)) {
    if (pollutes(key, inner)) return `the key "${key}" is not allowed`;
    const problem = findForbiddenData(inner, depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}

function pollutes(key: string, value: JsonValue): boolean {
  return (
    key === '__proto__' || (key === 'constructor' && isJsonObject(value) && Object.hasOwn(value, 'prototype'))
  );
}
