import { toSwarmError } from '@agentswarm/core';
import { join } from 'node:path';
import { ArtifactStore, openArtifactRows } from '../artifacts/artifact-store.ts';
import { SchemaValidationError } from '../errors.ts';
import type { MemoryStores } from '../memory/gather-items.ts';
import { openMemoryStores } from '../memory/open-memory-stores.ts';
import { collectMetadata } from '../metadata/engine-metadata.ts';
import { MetricsCollector } from '../metrics/metrics-collector.ts';
import { selectMetricsProfile } from '../metrics/metrics-profile.ts';
import type { ManifestSet } from '../model/manifest-set.ts';
import { OpRegistry } from '../nodes/op-registry.ts';
import { PluginRegistry } from '../plugins/plugin-registry.ts';
import { createPolicy } from '../policy/policy.ts';
import { TaskQueue } from '../scheduler/task-queue.ts';
import { SchemaRegistry } from '../schemas/schema-registry.ts';
import { TaskStore } from '../tasks/task-store.ts';
import { EventStreams } from '../telemetry/event-streams.ts';
import { ENGINE_VERSION } from '../version.ts';
import { randomEngineIds, systemEngineClock } from './default-ports.ts';
import type { EngineOptions } from './engine-options.ts';
import type { EngineParts } from './engine-parts.ts';
import { createLlmClients } from './llm-clients.ts';
import { loadConfiguration } from './load-configuration.ts';
import { noteAdapters } from './note-adapters.ts';

/**
 * Loads a configuration directory and makes everything an engine is made of. What was opened is closed again when
 * something is wrong.
 *
 * @throws {ManifestLoadError | SchemaValidationError | DAGValidationError | AggregateManifestError} what is wrong.
 */
export async function buildEngine(configDir: string, options: EngineOptions): Promise<EngineParts> {
  const { clock = systemEngineClock, idGenerator: ids = randomEngineIds, env = {} } = options;
  const { plugins, ...configuration } = await loadConfiguration(configDir, options);
  const { manifests, stateRoot, workspaceRoot, credentials, adapters, logger } = configuration;
  const { redact } = credentials;
  noteAdapters(adapters, manifests);
  const metadata = collectMetadata({
    manifests,
    adapters: adapters.getAdapterMetadata(),
    engineVersion: ENGINE_VERSION,
    clock,
    env,
    bootstrapFile: join(workspaceRoot, 'data', 'bootstrap.json'),
  });
  const { engine_version, manifest_digest } = metadata;
  const streams = new EventStreams({
    clock,
    metadata: { engine_version, manifest_digest },
    redact,
    logger,
  });
  const registry = new PluginRegistry(logger);
  const metrics = new MetricsCollector({ profile: selectMetricsProfile(manifests.metrics), clock });
  streams.subscribe((event) => metrics.observe(event));
  streams.subscribe((event) => registry.dispatch(event));
  const stores = await openStores({ ...configuration, clock });
  const artifactRows = await openRows(manifests, stateRoot, stores);
  for (const plugin of plugins) registry.register(plugin);
  const events = streams.open();
  credentials.report(events);
  const ops = new OpRegistry();
  for (const [nodeId, op] of Object.entries(options.deterministicOps ?? {})) ops.register(nodeId, op);
  return {
    ...configuration,
    options,
    schemas: new SchemaRegistry(manifests.schemas),
    llm: createLlmClients({
      adapters,
      credentials,
      declarations: manifests.credentials,
      llmFactory: options.llmFactory,
    }),
    ops,
    stores,
    artifactRows,
    artifacts: new ArtifactStore({ rows: artifactRows, clock, ids, manifestDigest: manifest_digest, redact }),
    tasks: new TaskStore({ clock, ids }),
    queue: new TaskQueue({ config: manifests.scheduler, clock, ids, events }),
    policy: createPolicy(manifests.policies),
    plugins: registry,
    metrics,
    metadata,
    streams,
    events,
    clock,
    ids,
    redact,
  };
}

async function openStores({
  manifests,
  adapters,
  ...ports
}: Pick<EngineParts, 'manifests' | 'adapters' | 'stateRoot' | 'clock' | 'logger'>): Promise<MemoryStores> {
  try {
    return await openMemoryStores(manifests.memory, {
      ...ports,
      createMemoryStore: (backend, store, config) => adapters.createMemoryStore(backend, store, config),
    });
  } catch (error) {
    const place = { fileName: 'memory.yaml', fieldPath: 'memory' };
    throw new SchemaValidationError(place, toSwarmError(error).message, { cause: error });
  }
}

async function openRows(manifests: ManifestSet, stateRoot: string, stores: MemoryStores) {
  try {
    return openArtifactRows(manifests.artifacts, stateRoot);
  } catch (error) {
    for (const store of Object.values(stores)) await store.close();
    const place = { fileName: 'artifacts.yaml', fieldPath: 'backend' };
    throw new SchemaValidationError(place, toSwarmError(error).message, { cause: error });
  }
}
