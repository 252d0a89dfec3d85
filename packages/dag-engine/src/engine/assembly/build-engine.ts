import { toSwarmError } from '@agentswarm/core';
import { join } from 'node:path';
import { ArtifactStore, openArtifactRows } from '../artifacts/artifact-store.ts';
import { SchemaValidationError } from '../errors.ts';
import type { MemoryStores } from '../memory/gather-items.ts';
import { openMemoryStores } from '../memory/open-memory-stores.ts';
import { collectMetadata } from '../metadata/engine-metadata.ts';
import { MetricsCollector } from '../metrics/metrics-collector.ts';
import { selectMetricsProfile } from '../metrics/metrics-profile.ts';
import type { EngineClock } from '../model/engine-ports.ts';
import type { ManifestSet } from '../model/manifest-set.ts';
import { NODE_ROLES } from '../model/vocabulary.ts';
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
import { loadConfiguration, type Configuration } from './load-configuration.ts';
import { isLocked, lockedArtifacts, lockedStore } from './locked-state.ts';
import { noteAdapters } from './note-adapters.ts';

/**
 * Loads a configuration directory and makes everything an engine is made of. What was opened is closed again when
 * something is wrong.
 *
 * @throws {ManifestLoadError | SchemaValidationError | DAGValidationError | AggregateManifestError} what is wrong.
 */
export async function buildEngine(configDir: string, options: EngineOptions): Promise<EngineParts> {
  const { clock = systemEngineClock, idGenerator: ids = randomEngineIds, llmFactory } = options;
  const { plugins, ...configuration } = await loadConfiguration(configDir, options);
  const { manifests, stateRoot, credentials, adapters } = configuration;
  const { redact } = credentials;
  noteAdapters(adapters, manifests);
  const observation = observe(configuration, options, clock);
  const stores = await openStores({ ...configuration, clock });
  const artifactRows = await openRows(manifests, stateRoot, stores);
  for (const plugin of plugins) observation.plugins.register(plugin);
  const events = observation.streams.open();
  credentials.report(events);
  const { manifest_digest: manifestDigest } = observation.metadata;
  const { credentials: declarations, providers } = manifests;
  return {
    ...configuration,
    ...observation,
    options,
    schemas: new SchemaRegistry(manifests.schemas),
    llm: createLlmClients({ adapters, credentials, declarations, providers, llmFactory }),
    ops: registerOps(options),
    stores,
    artifactRows,
    artifacts: new ArtifactStore({ rows: artifactRows, clock, ids, manifestDigest, redact }),
    tasks: new TaskStore({ clock, ids, redact }),
    queue: new TaskQueue({ config: manifests.scheduler, clock, ids, events, redact }),
    policy: createPolicy(manifests.policies),
    events,
    clock,
    ids,
    redact,
  };
}

/** Everything that watches runs. */
function observe(
  { manifests, workspaceRoot, credentials, adapters, logger }: Omit<Configuration, 'plugins'>,
  { env = {} }: EngineOptions,
  clock: EngineClock,
) {
  const metadata = collectMetadata({
    manifests,
    adapters: adapters.getAdapterMetadata(),
    engineVersion: ENGINE_VERSION,
    clock,
    env,
    bootstrapFile: join(workspaceRoot, 'data', 'bootstrap.json'),
  });
  const { engine_version, manifest_digest } = metadata;
  const { redact } = credentials;
  const streams = new EventStreams({ clock, metadata: { engine_version, manifest_digest }, redact, logger });
  const plugins = new PluginRegistry(logger);
  const metrics = new MetricsCollector({ profile: selectMetricsProfile(manifests.metrics), clock });
  streams.subscribe((event) => metrics.observe(event));
  streams.subscribe((event) => plugins.dispatch(event));
  return { metadata, streams, plugins, metrics };
}

function registerOps({ deterministicOps = {}, roleOps = {} }: EngineOptions): OpRegistry {
  const ops = new OpRegistry();
  for (const role of NODE_ROLES) {
    const op = Object.hasOwn(roleOps, role) ? roleOps[role] : undefined;
    if (op !== undefined) ops.registerRole(role, op);
  }
  for (const [nodeId, op] of Object.entries(deterministicOps)) ops.register(nodeId, op);
  return ops;
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
    if (isLocked(error)) throw lockedStore(error, { memory: manifests.memory, stateRoot: ports.stateRoot });
    const place = { fileName: 'memory.yaml', fieldPath: 'memory' };
    throw new SchemaValidationError(place, toSwarmError(error).message, { cause: error });
  }
}

async function openRows(manifests: ManifestSet, stateRoot: string, stores: MemoryStores) {
  try {
    return openArtifactRows(manifests.artifacts, stateRoot);
  } catch (error) {
    for (const store of Object.values(stores)) await store.close();
    if (isLocked(error)) throw lockedArtifacts(error);
    const place = { fileName: 'artifacts.yaml', fieldPath: 'backend' };
    throw new SchemaValidationError(place, toSwarmError(error).message, { cause: error });
  }
}
