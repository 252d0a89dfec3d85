import type { JsonValue } from '../model/json.ts';

/** The value at a dotted path, `items.0.name`; the whole output for an empty one, `null` where there is nothing. */
export function outputField(output: JsonValue, fieldPath: string): JsonValue {
  if (fieldPath === '') return output;
  return fieldPath.split('.').reduce<JsonValue>((inner, key) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return null;
    // A list has its length as a property of its own, which is no field.
    if (Array.isArray(inner) && !/^\d+$/.test(key)) return null;
    return (inner as Readonly<Record<string, JsonValue>>)[key] ?? null;
  }, output);
}
