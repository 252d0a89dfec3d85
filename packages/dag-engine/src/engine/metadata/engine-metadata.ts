import { readFileSync } from 'node:fs';
import { isoTime, type EngineClock } from '../model/engine-ports.ts';
import { deepFreeze, type JsonObject } from '../model/json.ts';
import type { ManifestSet } from '../model/manifest-set.ts';
import type { AdapterMetadata } from '../adapters/adapter-registry.ts';
import { manifestDigest, sha256 } from './manifest-digest.ts';

/** What an engine was built from, when and where. */
export interface EngineMetadata {
  readonly engine_version: string;
  /** SHA-256 of the raw bytes of every manifest, by file name. */
  readonly manifest_hashes: Readonly<Record<string, string>>;
  readonly manifest_digest: string;
  readonly schema_version: string;
  /** Adapters that have a version. */
  readonly adapter_versions: Readonly<Record<string, string>>;
  readonly adapter_metadata: readonly AdapterMetadata[];
  readonly load_timestamp: string;
  readonly config_dir: string;
  readonly deployment_id: string;
  readonly deployment_timestamp: string;
  readonly bootstrap_hash: string;
  readonly environment: string;
  /** What `deployment.yaml` says. */
  readonly additional: JsonObject;
}

export interface CollectMetadataOptions {
  readonly manifests: Pick<ManifestSet, 'config_dir' | 'file_hashes' | 'deployment'>;
  readonly adapters: readonly AdapterMetadata[];
  readonly engineVersion: string;
  readonly clock: EngineClock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its hash is `bootstrap_hash` when the environment gives none; it need not exist. */
  readonly bootstrapFile?: string;
}

/** Collects the metadata of an engine, deeply frozen. */
export function collectMetadata(options: CollectMetadataOptions): EngineMetadata {
  const { manifests, adapters, engineVersion, clock, env, bootstrapFile } = options;
  const { deployment } = manifests;
  const versions = adapters
    .filter(({ version }) => version !== '')
    .map((each) => [each.adapter_id, each.version]);
  const now = isoTime(clock);
  return deepFreeze({
    engine_version: engineVersion,
    manifest_hashes: { ...manifests.file_hashes },
    manifest_digest: manifestDigest(manifests.file_hashes),
    schema_version: engineVersion,
    adapter_versions: Object.fromEntries(versions) as Record<string, string>,
    adapter_metadata: [...adapters],
    load_timestamp: now,
    config_dir: manifests.config_dir,
    deployment_id: env['DEPLOYMENT_ID'] ?? '',
    deployment_timestamp: env['DEPLOYMENT_TIMESTAMP'] ?? now,
    bootstrap_hash: env['BOOTSTRAP_HASH'] ?? hashOfFile(bootstrapFile),
    environment: env['AGENT_ENGINE_ENV'] ?? env['DEPLOYMENT_ENV'] ?? deployment?.environment ?? '',
    additional: deployment === null ? {} : { ...deployment },
  });
}

/** Empty where there is nothing to be read: what it adds to the metadata is no reason not to load. */
function hashOfFile(path: string | undefined): string {
  if (path === undefined) return '';
  try {
    return sha256(readFileSync(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}
