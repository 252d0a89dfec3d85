import type { ArtifactsConfig } from '../model/manifest-set.ts';
import type { Fields } from './fields.ts';
import { retentionOf } from './parse-memory.ts';

export const DEFAULT_ARTIFACTS: ArtifactsConfig = { backend: 'in_memory', db_path: null, max_items: null };

/** Reads `artifacts.yaml`. */
export function parseArtifacts(root: Fields): ArtifactsConfig {
  const fields = root.at('artifacts');
  return {
    backend: fields.choice('backend', ['in_memory', 'sqlite']) ?? DEFAULT_ARTIFACTS.backend,
    db_path: fields.optionalText('db_path'),
    max_items: retentionOf(fields),
  };
}
