import { isJsonObject, type JsonValue } from '../model/json.ts';

/** Equality of JSON values; the order of keys does not count. */
export function deepEqual(a: JsonValue, b: JsonValue): boolean {
  if (Array.isArray(a)) {
    const items = a as readonly JsonValue[];
    if (!Array.isArray(b)) return false;
    const others = b as readonly JsonValue[];
    return (
      items.length === others.length && items.every((item, index) => deepEqual(item, others[index] ?? null))
    );
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && deepEqual(a[key] ?? null, b[key] ?? null))
  );
}
