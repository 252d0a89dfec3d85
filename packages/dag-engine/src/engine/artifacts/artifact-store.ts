import { join } from 'node:path';
import { placeOf } from '../storage/place.ts';
import type { ArtifactMetadata, ArtifactRecord } from '../model/artifact.ts';
import { isoTime, type EngineClock, type EngineIds } from '../model/engine-ports.ts';
import { createJsonFreezer, type JsonFreezer, type TextMapping } from '../model/frozen-json.ts';
import type { JsonObject } from '../model/json.ts';
import type { ArtifactsConfig } from '../model/manifest-set.ts';
import type { ArtifactType } from '../model/vocabulary.ts';
import type { ArtifactRows } from './artifact-rows.ts';
import { createInMemoryArtifactRows } from './in-memory-artifact-rows.ts';
import { createSqliteArtifactRows } from './sqlite-artifact-rows.ts';

/** An artifact before the store names and stamps it. */
export type NewArtifact = Pick<ArtifactMetadata, 'task_id' | 'node_id' | 'artifact_type'> &
  Partial<Pick<ArtifactMetadata, 'schema_ref' | 'additional_metadata'>> & {
    /** Copied; what is not JSON becomes it. */
    readonly payload: unknown;
  };

export interface ArtifactStoreOptions {
  readonly rows: ArtifactRows;
  readonly clock: EngineClock;
  readonly ids: EngineIds;
  /** On every artifact, as `additional_metadata.manifest_digest`. */
  readonly manifestDigest: string;
  /** Removes known secret values. */
  readonly redact?: TextMapping;
}

/** What nodes and tools produced, found by id, task, node and type; lists are in the order of addition. */
export class ArtifactStore {
  readonly #options: ArtifactStoreOptions;
  readonly #freeze: JsonFreezer;

  constructor(options: ArtifactStoreOptions) {
    this.#options = options;
    this.#freeze = createJsonFreezer(options.redact);
  }

  /** @throws {StorageError} When it cannot be kept: then it is not. */
  add(artifact: NewArtifact): ArtifactRecord {
    const { rows, clock, ids, manifestDigest } = this.#options;
    const {
      task_id,
      node_id,
      artifact_type,
      payload,
      schema_ref = null,
      additional_metadata = {},
    } = artifact;
    const additional = { ...additional_metadata, manifest_digest: manifestDigest };
    const record: ArtifactRecord = Object.freeze({
      metadata: Object.freeze({
        artifact_id: ids.uuid(),
        task_id,
        node_id,
        artifact_type,
        timestamp: isoTime(clock),
        schema_ref,
        additional_metadata: this.#freeze(additional) as JsonObject,
      }),
      payload: this.#freeze(payload),
    });
    rows.insert(record);
    return record;
  }

  get(artifactId: string): ArtifactRecord | undefined {
    return this.#options.rows.get(artifactId);
  }

  byTask(taskId: string): readonly ArtifactRecord[] {
    return this.#options.rows.select({ taskId });
  }

  byNode(nodeId: string): readonly ArtifactRecord[] {
    return this.#options.rows.select({ nodeId });
  }

  /** Of every task, or of one. */
  byType(type: ArtifactType, taskId?: string): readonly ArtifactRecord[] {
    return this.#options.rows.select(taskId === undefined ? { type } : { type, taskId });
  }

  list(): readonly ArtifactRecord[] {
    return this.#options.rows.select({});
  }

  count(): number {
    return this.#options.rows.count();
  }

  /**
   * Forgets every artifact, or those of one task, also where they outlive the process.
   *
   * @throws {StorageError} When they cannot be forgotten: then none is.
   */
  clear(taskId?: string): void {
    this.#options.rows.clear(taskId);
  }

  close(): void {
    this.#options.rows.close();
  }
}

/**
 * Opens what `artifacts.yaml` asks for; the database is the memories' own unless it names another.
 *
 * @throws {StorageError} When the database cannot be opened.
 */
export function openArtifactRows(
  { backend, db_path, max_items }: ArtifactsConfig,
  stateRoot: string,
): ArtifactRows {
  if (backend === 'in_memory') return createInMemoryArtifactRows(max_items);
  return createSqliteArtifactRows(placeOf(stateRoot, db_path, join('memory', 'memory.db')), max_items);
}
