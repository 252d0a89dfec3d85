/** Data as JSON has it: what enters, leaves and is recorded by the engine. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** Keys are own properties; `__proto__` as a key is an ordinary one. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Freezes a value and everything in it, in place; gives the same value. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

/** Scalars as JSON writes them, text as it is, everything else as compact JSON. */
export function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
