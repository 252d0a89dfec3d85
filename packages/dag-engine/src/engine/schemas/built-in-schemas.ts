import type { JsonObject } from '../model/json.ts';
import { MANIFEST_SCHEMAS } from './manifest-schemas.ts';
import { RUNTIME_SCHEMAS } from './runtime-schemas.ts';

/** The schemas that manifests may name without a file, by name. */
export const BUILT_IN_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  ...MANIFEST_SCHEMAS,
  ...RUNTIME_SCHEMAS,
};
