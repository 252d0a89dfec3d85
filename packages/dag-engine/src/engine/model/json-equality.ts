import { isJsonObject, type JsonValue } from './json.ts';

/** Whether two values are the same JSON; the order of keys does not matter. */
export function isSameJson(a: JsonValue, b: JsonValue): boolean {
  if (isList(a) && isList(b)) {
    return a.length === b.length && a.every((item, index) => isSameJson(item, b[index] ?? null));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return a === b;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isSameJson(a[key] ?? null, b[key] ?? null));
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
