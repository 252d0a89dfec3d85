import { SchemaValidationError, type ManifestError } from '../errors.ts';
import type { JsonObject } from '../model/json.ts';
import type { ManifestSet, PluginDeclaration } from '../model/manifest-set.ts';
import { loadPlugins } from '../plugins/load-plugins.ts';
import type { Plugin } from '../plugins/plugin.ts';
import { describeThrown } from '../tools/failure.ts';
import { importFunction } from './import-function.ts';
import type { EngineOptions } from './engine-options.ts';
import type { EngineAdapters } from './engine-parts.ts';
import type { EngineRoots } from './resolve-roots.ts';

export interface LoadExtensionsOptions extends EngineRoots {
  readonly manifests: Pick<ManifestSet, 'config_dir' | 'plugins' | 'providers'>;
  readonly adapters: EngineAdapters;
  readonly options: Pick<EngineOptions, 'plugins'>;
}

/** Makes the plugins and lets them, and the declared providers, add adapters. Code of the project runs here. */
export async function loadExtensions(
  loading: LoadExtensionsOptions,
): Promise<{ readonly plugins: readonly Plugin[]; readonly problems: readonly ManifestError[] }> {
  const { manifests, options, adapters } = loading;
  const given = new Map((options.plugins ?? []).map((plugin) => [plugin.pluginId, plugin]));
  const resolve = (entrypoint: string) => importClass(functionName(entrypoint), loading);
  const loaded = await loadPlugins(manifests.plugins, { resolve, given });
  const problems: ManifestError[] = loaded.problems.map(
    ({ index, message }) => new SchemaValidationError(placeOf(index), message),
  );
  const declared = new Set(manifests.plugins.map(({ id }) => id));
  const added = [...given.values()].filter(({ pluginId }) => !declared.has(pluginId));
  const plugins = [...loaded.plugins, ...added];
  for (const plugin of plugins) {
    try {
      await plugin.registerExtensions?.(adapters);
    } catch (error) {
      problems.push(registrationProblem(plugin, manifests.plugins, error));
    }
  }
  problems.push(...(await registerProviders(loading)));
  return { plugins, problems };
}

/** `pkg.module.Class` is `pkg.module:Class`. */
function functionName(entrypoint: string): string {
  return entrypoint.includes(':') ? entrypoint : entrypoint.replace(/\.([^.]+)$/, ':$1');
}

async function importClass(entrypoint: string, loading: LoadExtensionsOptions): Promise<unknown> {
  const { manifests, workspaceRoot } = loading;
  const imported = await importFunction(entrypoint, { configDir: manifests.config_dir, workspaceRoot });
  if (imported.ok) return imported.value;
  throw new SchemaValidationError(
    { fileName: 'plugins.yaml', fieldPath: entrypoint },
    imported.failure.message,
  );
}

function placeOf(index: number) {
  return { fileName: 'plugins.yaml', fieldPath: `plugins[${index}]` };
}

function registrationProblem(
  { pluginId }: Plugin,
  declarations: readonly PluginDeclaration[],
  error: unknown,
): ManifestError {
  const message = `plugin "${pluginId}" could not register its extensions: ${describeThrown(error)}`;
  const index = declarations.findIndex(({ id }) => id === pluginId);
  const place = index === -1 ? { fileName: 'options', fieldPath: `plugins.${pluginId}` } : placeOf(index);
  return new SchemaValidationError(place, message, { cause: error });
}

/**
 * What it takes and makes is checked by nobody: the provider's `type` promises it. Factories of tools and stores get
 * the provider's settings last; those of models get them below the agent's.
 */
type Factory = (...args: readonly unknown[]) => never;

/** Binds the factories that `providers.yaml` names. */
async function registerProviders(loading: LoadExtensionsOptions): Promise<readonly ManifestError[]> {
  const { manifests, adapters, workspaceRoot } = loading;
  const problems: ManifestError[] = [];
  for (const [index, { id, type, factory, enabled, config }] of manifests.providers.entries()) {
    if (!enabled || factory === null) continue;
    const imported = await importFunction<Factory>(functionName(factory), {
      configDir: manifests.config_dir,
      workspaceRoot,
    });
    if (!imported.ok) {
      const place = { fileName: 'providers.yaml', fieldPath: `providers[${index}].factory` };
      problems.push(new SchemaValidationError(place, imported.failure.message));
    } else register(adapters, { id, type, config, make: imported.value });
  }
  return problems;
}

function register(
  adapters: EngineAdapters,
  provider: {
    readonly id: string;
    readonly type: 'llm' | 'tool' | 'memory';
    readonly config: JsonObject;
    readonly make: Factory;
  },
): void {
  const { id, type, config, make } = provider;
  switch (type) {
    case 'llm':
      return adapters.registerLlmFactory(id, make);
    case 'tool':
      return adapters.registerToolFactory(id, (...args) => make(...args, config));
    case 'memory':
      return adapters.registerMemoryStoreFactory(id, (...args) => make(...args, config));
  }
}
