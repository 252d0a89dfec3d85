import { silentLogger, toSwarmError } from '@agentswarm/core';
import { join, resolve } from 'node:path';
import { AdapterRegistry } from '../adapters/adapter-registry.ts';
import { ArtifactStore, openArtifactRows } from '../artifacts/artifact-store.ts';
import { CredentialProvider } from '../credentials/credential-provider.ts';
import { createRedactingLogger } from '../credentials/redacting-logger.ts';
import { AggregateManifestError, SchemaValidationError, type ManifestError } from '../errors.ts';
import { loadManifests } from '../manifests/load-manifests.ts';
import { selectUnservedProfiles } from '../memory/context-profiles.ts';
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
import { bindTools } from '../tools/bind-tools.ts';
import { ENGINE_VERSION } from '../version.ts';
import { createWorkflowGraph } from '../workflow/workflow-graph.ts';
import { randomEngineIds, systemEngineClock } from './default-ports.ts';
import type { EngineOptions } from './engine-options.ts';
import type { EngineAdapters, EngineParts } from './engine-parts.ts';
import { createLlmClients } from './llm-clients.ts';
import { loadExtensions } from './load-extensions.ts';
import { noteAdapters } from './note-adapters.ts';
import { resolveRoots, type EngineRoots } from './resolve-roots.ts';

/**
 * Loads a configuration directory and makes everything an engine is made of. What was opened is closed again when
 * something is wrong.
 *
 * @throws {ManifestLoadError | SchemaValidationError | DAGValidationError | AggregateManifestError} what is wrong.
 */
export async function buildEngine(configDir: string, options: EngineOptions): Promise<EngineParts> {
  const { clock = systemEngineClock, idGenerator: ids = randomEngineIds } = options;
  const roots = resolveRoots(resolve(configDir), options);
  const { manifests, warnings } = await loadManifests(configDir, {
    workspaceRoot: roots.workspaceRoot,
    hasOtherPlugins: (options.plugins ?? []).length > 0,
  });
  const graph = createWorkflowGraph(manifests.workflow);
  const { env = {}, llmFactory, logger: plainLogger = silentLogger } = options;
  const credentialOptions = { env, configDir: manifests.config_dir, logger: plainLogger };
  const credentials = new CredentialProvider(manifests.credentials, credentialOptions);
  const { redact } = credentials;
  const logger = createRedactingLogger(plainLogger, redact);
  const adapters: EngineAdapters = new AdapterRegistry({ redact });
  const { plugins, tools } = await bindCode({ manifests, options, roots, adapters });
  noteAdapters(adapters, manifests);
  const observation = observe({ manifests, roots, adapters, env, clock, logger, redact });
  const stores = await openStores({ manifests, roots, adapters, clock, logger });
  const artifactRows = await openRows(manifests, roots, stores);
  for (const plugin of plugins) observation.plugins.register(plugin);
  const { streams, metadata } = observation;
  const events = streams.open();
  credentials.report(events);
  const { manifest_digest: manifestDigest } = metadata;
  const declarations = manifests.credentials;
  return {
    ...roots,
    ...observation,
    options,
    manifests,
    warnings,
    graph,
    schemas: new SchemaRegistry(manifests.schemas),
    credentials,
    adapters,
    llm: createLlmClients({ adapters, credentials, declarations, llmFactory }),
    tools,
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
    logger,
  };
}

/** Everything that watches runs. */
function observe({
  manifests,
  roots,
  adapters,
  env,
  ...ports
}: Pick<Binding, 'manifests' | 'roots' | 'adapters'> &
  Pick<EngineParts, 'clock' | 'logger' | 'redact'> & { readonly env: NonNullable<EngineOptions['env']> }) {
  const { clock, logger } = ports;
  const metadata = collectMetadata({
    manifests,
    adapters: adapters.getAdapterMetadata(),
    engineVersion: ENGINE_VERSION,
    clock,
    env,
    bootstrapFile: join(roots.workspaceRoot, 'data', 'bootstrap.json'),
  });
  const { engine_version, manifest_digest } = metadata;
  const streams = new EventStreams({ ...ports, metadata: { engine_version, manifest_digest } });
  const plugins = new PluginRegistry(logger);
  const metrics = new MetricsCollector({ profile: selectMetricsProfile(manifests.metrics), clock });
  streams.subscribe((event) => metrics.observe(event));
  streams.subscribe((event) => plugins.dispatch(event));
  return { metadata, streams, plugins, metrics };
}

function registerOps({ deterministicOps = {} }: EngineOptions): OpRegistry {
  const ops = new OpRegistry();
  for (const [nodeId, op] of Object.entries(deterministicOps)) ops.register(nodeId, op);
  return ops;
}

interface Binding {
  readonly manifests: ManifestSet;
  readonly options: EngineOptions;
  readonly roots: EngineRoots;
  readonly adapters: EngineAdapters;
}

/** Finds the code that manifests name, all of it, before anything is opened. */
async function bindCode({ manifests, options, roots, adapters }: Binding) {
  const extensions = await loadExtensions({ ...roots, manifests, adapters, options });
  const bound = await bindTools(manifests.tools, {
    configDir: manifests.config_dir,
    workspaceRoot: roots.workspaceRoot,
    handlers: options.handlers ?? {},
    allowEchoTools: options.allowEchoTools === true,
    factoryFor: (type) => adapters.toolFactory(type),
  });
  const problems: ManifestError[] = [
    ...extensions.problems,
    ...bound.problems.map(
      ({ field_path, message }) =>
        new SchemaValidationError({ fileName: 'tools.yaml', fieldPath: field_path }, message),
    ),
    ...selectUnservedProfiles(manifests.memory.context_profiles, new Set(adapters.retrievers().keys())).map(
      ({ id, retrieval_policy }) =>
        new SchemaValidationError(
          { fileName: 'memory.yaml', fieldPath: `memory.context_profiles.${id}` },
          `nothing is registered that retrieves by "${retrieval_policy}"`,
        ),
    ),
  ];
  refuse(problems);
  return { plugins: extensions.plugins, tools: bound.tools };
}

function refuse(problems: readonly ManifestError[]): void {
  const [first] = problems;
  if (first !== undefined) throw problems.length === 1 ? first : new AggregateManifestError(problems);
}

async function openStores({
  manifests,
  roots,
  adapters,
  ...ports
}: Pick<Binding, 'manifests' | 'roots' | 'adapters'> &
  Pick<EngineParts, 'clock' | 'logger'>): Promise<MemoryStores> {
  try {
    return await openMemoryStores(manifests.memory, {
      ...ports,
      stateRoot: roots.stateRoot,
      createMemoryStore: (backend, store, config) => adapters.createMemoryStore(backend, store, config),
    });
  } catch (error) {
    const place = { fileName: 'memory.yaml', fieldPath: 'memory' };
    throw new SchemaValidationError(place, toSwarmError(error).message, { cause: error });
  }
}

async function openRows(manifests: ManifestSet, { stateRoot }: EngineRoots, stores: MemoryStores) {
  try {
    return openArtifactRows(manifests.artifacts, stateRoot);
  } catch (error) {
    for (const store of Object.values(stores)) await store.close();
    const place = { fileName: 'artifacts.yaml', fieldPath: 'backend' };
    throw new SchemaValidationError(place, toSwarmError(error).message, { cause: error });
  }
}
