import type { JsonObject, JsonValue } from './json.ts';
import type { ArtifactType } from './vocabulary.ts';

export interface ArtifactMetadata {
  /** A UUID. */
  readonly artifact_id: string;
  readonly task_id: string;
  readonly node_id: string | null;
  readonly artifact_type: ArtifactType;
  readonly timestamp: string;
  /** Id of the schema the payload passed. */
  readonly schema_ref: string | null;
  readonly additional_metadata: JsonObject;
}

export interface ArtifactRecord {
  readonly metadata: ArtifactMetadata;
  readonly payload: JsonValue;
}
