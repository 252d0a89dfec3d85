import { isJsonObject } from '../model/json.ts';
import type { SchemaRef } from '../model/workflow.ts';
import type { Fields, Names } from './fields.ts';

export const INPUT_SCHEMA_NAMES = ['inputs_schema_id', 'schema_in', 'input_schema'] as const;
export const OUTPUT_SCHEMA_NAMES = ['outputs_schema_id', 'schema_out', 'output_schema'] as const;

/** Reads the id of a schema, or a schema written in place. */
export function readSchemaRef(fields: Fields, names: Names): SchemaRef | null {
  const value = fields.value(names);
  return isJsonObject(value) ? value : fields.optionalText(names);
}
