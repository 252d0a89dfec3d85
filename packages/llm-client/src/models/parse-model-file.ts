import { z } from 'zod';
import { LlmError } from '../errors.ts';
import { ModelEntrySchema, type ModelEntry } from './model-entry.ts';

const ModelFileSchema = z.strictObject({ models: z.array(ModelEntrySchema) });

/**
 * Reads a model file: `{ "models": [ModelEntry, …] }`.
 *
 * @param origin - Names the file in problems.
 * @throws {LlmError} CATALOG_INVALID listing every problem with its path.
 */
export function parseModelFile(text: string, origin: string): readonly ModelEntry[] {
  const parsed = ModelFileSchema.safeParse(readJson(text, origin));
  if (parsed.success) return parsed.data.models;
  throw invalid(
    origin,
    parsed.error.issues.map(
      ({ path, message }) => `${path.map(String).join('.') || '(top level)'}: ${message}`,
    ),
  );
}

function readJson(text: string, origin: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw invalid(origin, [`is no JSON: ${String(error)}`], error);
  }
}

function invalid(origin: string, problems: readonly string[], cause?: unknown): LlmError {
  return new LlmError('CATALOG_INVALID', `model file ${origin} is invalid:\n  ${problems.join('\n  ')}`, {
    details: { origin, problems },
    cause,
  });
}
