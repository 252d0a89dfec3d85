import { isJsonObject, type JsonValue } from '../model/json.ts';

/** The value at a dotted path into an output, `items.0.name`; `null` where there is none. Empty is all of it. */
export function valueAt(output: JsonValue, fieldPath: string): JsonValue {
  if (fieldPath === '') return output;
  let value: JsonValue = output;
  for (const key of fieldPath.split('.')) {
    if (Array.isArray(value))
      value = (/^\d+$/.test(key) ? (value as readonly JsonValue[])[Number(key)] : null) ?? null;
    else if (isJsonObject(value) && Object.hasOwn(value, key)) value = value[key] ?? null;
    else return null;
  }
  return value;
}
