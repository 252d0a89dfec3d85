import { silentLogger, type Logger } from '@agentswarm/core';
import { resolve } from 'node:path';
import { AdapterRegistry } from '../adapters/adapter-registry.ts';
import { CredentialProvider } from '../credentials/credential-provider.ts';
import { createRedactingLogger } from '../credentials/redacting-logger.ts';
import { AggregateManifestError, SchemaValidationError, type ManifestError } from '../errors.ts';
import { loadManifests } from '../manifests/load-manifests.ts';
import { selectUnservedProfiles } from '../memory/context-profiles.ts';
import { selectUnservedStores } from '../memory/open-memory-stores.ts';
import type { ManifestSet } from '../model/manifest-set.ts';
import type { Plugin } from '../plugins/plugin.ts';
import { bindTools } from '../tools/bind-tools.ts';
import type { ToolBinding } from '../tools/tool-ports.ts';
import { createWorkflowGraph, type WorkflowGraph } from '../workflow/workflow-graph.ts';
import type { EngineOptions } from './engine-options.ts';
import type { EngineAdapters } from './engine-parts.ts';
import { loadExtensions } from './load-extensions.ts';
import { resolveRoots, type EngineRoots } from './resolve-roots.ts';
import { warnOfUnknownBindings } from './unknown-bindings.ts';

/** A configuration directory that was read and is sound, with the code it names. Nothing is open yet. */
export interface Configuration extends EngineRoots {
  readonly manifests: ManifestSet;
  readonly warnings: readonly string[];
  readonly graph: WorkflowGraph;
  readonly credentials: CredentialProvider;
  readonly adapters: EngineAdapters;
  readonly plugins: readonly Plugin[];
  readonly tools: ReadonlyMap<string, ToolBinding>;
  readonly logger: Logger;
}

/**
 * Reads a configuration directory and finds the code it names, all of it.
 *
 * @throws {ManifestLoadError | SchemaValidationError | DAGValidationError | AggregateManifestError} what is wrong.
 */
export async function loadConfiguration(configDir: string, options: EngineOptions): Promise<Configuration> {
  const { env = {}, logger = silentLogger } = options;
  const roots = resolveRoots(resolve(configDir), options);
  const { manifests, warnings } = await loadManifests(configDir, {
    workspaceRoot: roots.workspaceRoot,
    hasOtherPlugins: (options.plugins ?? []).length > 0,
  });
  const graph = createWorkflowGraph(manifests.workflow);
  const credentials = new CredentialProvider(manifests.credentials, {
    env,
    configDir: manifests.config_dir,
    logger,
  });
  const adapters: EngineAdapters = new AdapterRegistry({ redact: credentials.redact });
  const code = await bindCode({ manifests, options, roots, adapters });
  return {
    ...roots,
    manifests,
    warnings: [...warnings, ...warnOfUnknownBindings(options, manifests)],
    graph,
    credentials,
    adapters,
    ...code,
    logger: createRedactingLogger(logger, credentials.redact),
  };
}

interface Binding {
  readonly manifests: ManifestSet;
  readonly options: EngineOptions;
  readonly roots: EngineRoots;
  readonly adapters: EngineAdapters;
}

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
    ...selectUnservedStores(manifests.memory, (backend) => adapters.hasMemoryStore(backend)).map(
      ({ store, backend }) =>
        new SchemaValidationError(
          { fileName: 'memory.yaml', fieldPath: `memory.${store}_store` },
          `unknown backend "${backend}"`,
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
