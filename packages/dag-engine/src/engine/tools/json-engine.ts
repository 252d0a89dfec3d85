import type { JsonValue } from '../model/json.ts';
import type { SchemaRef } from '../model/workflow.ts';
import { asJsonObject, copyJson } from './copy-json.ts';
import { failure, success, type Outcome } from './failure.ts';
import type { SchemaChecker } from './tool-ports.ts';

/** Listed in an error; a hostile document can have any number. */
const MAX_ISSUES = 20;

/** Reads JSON strictly: what parses to something JSON cannot say again (`1e999`) is no JSON. */
export function parseJson(text: string): Outcome<JsonValue> {
  try {
    const copied = copyJson(JSON.parse(text));
    return copied.ok ? success(copied.value) : notJson(`${copied.path} ${copied.reason}`);
  } catch (error) {
    return notJson((error as SyntaxError).message);
  }
}

/** Reads the text, or else what lies between its first `{` and its last `}`. */
export function repairJson(text: string): Outcome<JsonValue> {
  const whole = parseJson(text);
  if (whole.ok) return whole;
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start === -1 || end < start) return whole;
  const inner = parseJson(text.slice(start, end + 1));
  return inner.ok ? inner : whole;
}

/** Checks a payload against a schema and gives it back as it is. */
export function validateJson(
  schemas: SchemaChecker,
  schema: SchemaRef,
  payload: JsonValue,
): Outcome<JsonValue> {
  const issues = schemas.check(schema, payload);
  const [first] = issues;
  if (first === undefined) return success(payload);
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return failure({
    error_id: 'schema_mismatch',
    code: 'validation',
    message: `does not match schema ${nameOf(schema)}: ${first.path} ${first.message}${more}`,
    source: 'json_engine',
    details: asJsonObject({
      schema_id: typeof schema === 'string' ? schema : null,
      issues: issues.slice(0, MAX_ISSUES),
    }),
  });
}

function nameOf(schema: SchemaRef): string {
  return typeof schema === 'string' ? `"${schema}"` : 'given inline';
}

function notJson(reason: string): Outcome<never> {
  return failure({
    error_id: 'invalid_json',
    code: 'json',
    message: `not JSON: ${reason}`,
    source: 'json_engine',
  });
}
