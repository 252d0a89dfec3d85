import type { JsonObject, JsonValue } from '../model/json.ts';

export const ANY: JsonObject = {};
export const TEXT: JsonObject = { type: 'string' };
export const ID: JsonObject = { type: 'string', minLength: 1 };
export const FLAG: JsonObject = { type: 'boolean' };
export const COUNT: JsonObject = { type: 'integer', minimum: 0 };
export const MAPPING: JsonObject = { type: 'object' };
export const TEXTS: JsonObject = { type: 'array', items: TEXT };

/** Another built-in schema, by its name. */
export const ref = (name: string): JsonObject => ({ $ref: name });
export const list = (items: JsonObject): JsonObject => ({ type: 'array', items });
export const oneOf = (values: readonly JsonValue[]): JsonObject => ({ enum: values });
export const orNull = (schema: JsonObject): JsonObject => ({ anyOf: [schema, { type: 'null' }] });

/** An object that must have these keys and may have those; any other is allowed. */
export function record(
  required: Readonly<Record<string, JsonObject>>,
  optional: Readonly<Record<string, JsonObject>> = {},
): JsonObject {
  return { type: 'object', properties: { ...required, ...optional }, required: Object.keys(required) };
}
