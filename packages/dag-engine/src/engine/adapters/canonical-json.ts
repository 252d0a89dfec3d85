import { Secret } from '@agentswarm/core';
import type { JsonObject, JsonValue } from '../model/json.ts';

/** The last word of a key that names a secret: `api_key` and `authToken` do, `max_tokens` and `monkey` do not. */
const SECRET_WORDS = new Set([
  'key',
  'apikey',
  'secret',
  'password',
  'passphrase',
  'token',
  'credential',
  'authorization',
]);

/** JSON with sorted keys and without whatever a key declares to be secret: the same text for the same settings. */
export function canonicalJson(value: JsonValue): string {
  return JSON.stringify(canonical(value));
}

function canonical(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Secret) return null;
  if (isList(value)) return value.map(canonical);
  const entries = Object.entries(value).filter(([key]) => !namesSecret(key));
  return pairs(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Pairs instead of an object: there, keys that look like numbers would come first, whatever the order. */
function pairs(entries: readonly (readonly [string, JsonValue])[]): JsonValue {
  return { pairs: entries.map(([key, value]) => [key, canonical(value)]) };
}

function namesSecret(key: string): boolean {
  const words = key.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/).filter((word) => word !== '');
  return SECRET_WORDS.has(words.at(-1)?.toLowerCase() ?? '');
}

function isList(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value);
}
