import type { JsonObject } from '../../model/json.ts';
import { ToolError } from '../errors.ts';

/** No tool reads or writes more at once, whatever it is asked. */
const MAX_BYTES = 10_000_000;

export function readPath(inputs: JsonObject, fallback?: string): string {
  const path = Object.hasOwn(inputs, 'path') ? inputs['path'] : fallback;
  if (typeof path === 'string' && path !== '') return path;
  throw new ToolError('TOOL_INPUT_INVALID', 'path must be a text that is not empty');
}

export function readMaxBytes(inputs: JsonObject, fallback: number): number {
  const maxBytes = Object.hasOwn(inputs, 'max_bytes') ? inputs['max_bytes'] : fallback;
  if (typeof maxBytes === 'number' && Number.isInteger(maxBytes) && maxBytes >= 1 && maxBytes <= MAX_BYTES) {
    return maxBytes;
  }
  throw new ToolError('TOOL_INPUT_INVALID', `max_bytes must be an integer from 1 to ${MAX_BYTES}`);
}
