import type { Logger } from '@agentswarm/core';
import type { AdapterRegistration, AdapterRegistry } from '../adapters/adapter-registry.ts';
import type { ArtifactRows } from '../artifacts/artifact-rows.ts';
import type { ArtifactStore } from '../artifacts/artifact-store.ts';
import type { CredentialProvider } from '../credentials/credential-provider.ts';
import type { MemoryStores } from '../memory/gather-items.ts';
import type { EngineMetadata } from '../metadata/engine-metadata.ts';
import type { MetricsCollector } from '../metrics/metrics-collector.ts';
import type { EngineClock, EngineIds } from '../model/engine-ports.ts';
import type { TextMapping } from '../model/frozen-json.ts';
import type { ManifestSet } from '../model/manifest-set.ts';
import type { OpRegistry } from '../nodes/op-registry.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';
import type { Policy } from '../policy/policy.ts';
import type { TaskQueue } from '../scheduler/task-queue.ts';
import type { SchemaRegistry } from '../schemas/schema-registry.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { EventBus } from '../telemetry/event-bus.ts';
import type { EventStreams } from '../telemetry/event-streams.ts';
import type { LlmClient, LlmPort, ToolBinding, ToolHandler } from '../tools/tool-ports.ts';
import type { ToolDefinition } from '../model/manifest-set.ts';
import type { WorkflowGraph } from '../workflow/workflow-graph.ts';
import type { EngineOptions } from './engine-options.ts';
import type { EngineRoots } from './resolve-roots.ts';

/** What a tool factory makes. */
export interface MadeTool {
  readonly definition: ToolDefinition;
  readonly handler: ToolHandler;
}

export type EngineAdapters = AdapterRegistry<LlmClient, MadeTool>;

/** What a plugin may add while an engine is loaded: factories of models, tools and memory, and retrievers. */
export type EngineExtensions = AdapterRegistration<LlmClient, MadeTool>;

/** Everything an engine is made of. */
export interface EngineParts extends EngineRoots {
  readonly options: EngineOptions;
  readonly manifests: ManifestSet;
  readonly warnings: readonly string[];
  readonly graph: WorkflowGraph;
  readonly schemas: SchemaRegistry;
  readonly credentials: CredentialProvider;
  readonly adapters: EngineAdapters;
  readonly llm: LlmPort;
  readonly tools: ReadonlyMap<string, ToolBinding>;
  readonly ops: OpRegistry;
  readonly stores: MemoryStores;
  readonly artifactRows: ArtifactRows;
  readonly artifacts: ArtifactStore;
  readonly tasks: TaskStore;
  readonly queue: TaskQueue;
  readonly policy: Policy;
  readonly plugins: PluginRegistry;
  readonly metrics: MetricsCollector;
  readonly metadata: EngineMetadata;
  readonly streams: EventStreams;
  /** What no run is about: credentials, the queue, evaluations. */
  readonly events: EventBus;
  readonly clock: EngineClock;
  readonly ids: EngineIds;
  readonly redact: TextMapping;
  readonly logger: Logger;
}
