import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { StructuredMode } from './structured-mode.ts';

/** What was found out about how endpoints take schemas. */
export interface StructuredModes {
  modeOf(endpoint: LlmEndpoint, model: string): StructuredMode;
  remember(endpoint: LlmEndpoint, model: string, mode: StructuredMode): void;
}

/** Begins with what the catalogue says of a model, else with the best way. */
export function createStructuredModes(catalog: ModelCatalog): StructuredModes {
  const found = new Map<string, StructuredMode>();
  const keyOf = (endpoint: LlmEndpoint, model: string) => `${endpoint.name}\0${model}`;
  return {
    modeOf: (endpoint, model) =>
      found.get(keyOf(endpoint, model)) ?? catalog.find(model)?.structured ?? 'json_schema',
    remember: (endpoint, model, mode) => void found.set(keyOf(endpoint, model), mode),
  };
}
