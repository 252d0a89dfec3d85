import type { JsonObject } from '../model/json.ts';
import type { PluginDeclaration } from '../model/manifest-set.ts';
import { describeThrown } from '../tools/failure.ts';
import type { Plugin } from './plugin.ts';

/** Finds the class an entrypoint names. Contract: rejects when the module or the class does not exist. */
export type PluginResolver = (entrypoint: string) => Promise<unknown>;

/** Why a plugin could not be made; `index` counts from 0 in the manifest. */
interface PluginProblem {
  readonly index: number;
  readonly plugin_id: string;
  readonly message: string;
}

export interface LoadedPlugins {
  readonly plugins: readonly Plugin[];
  readonly problems: readonly PluginProblem[];
}

/**
 * Makes the enabled plugins, in declaration order; the modules of disabled ones are never touched. `given` are
 * instances bound by id: they are taken instead of what the entrypoint names.
 */
export async function loadPlugins(
  declarations: readonly PluginDeclaration[],
  options: { readonly resolve: PluginResolver; readonly given?: ReadonlyMap<string, Plugin> },
): Promise<LoadedPlugins> {
  const plugins: Plugin[] = [];
  const problems: PluginProblem[] = [];
  for (const [index, declaration] of declarations.entries()) {
    if (!declaration.enabled) continue;
    try {
      const plugin =
        options.given?.get(declaration.id) ??
        construct(await options.resolve(declaration.entrypoint), declaration);
      if (isPlugin(plugin)) plugins.push(plugin);
      else
        problems.push(
          problem(index, declaration, 'is not a plugin: it has no pluginId or no onEvent method'),
        );
    } catch (error) {
      problems.push(problem(index, declaration, describeThrown(error)));
    }
  }
  return { plugins, problems };
}

function construct(found: unknown, { id, config }: PluginDeclaration): unknown {
  if (typeof found !== 'function') return undefined;
  return Reflect.construct(found as new (id: string, config: JsonObject) => unknown, [id, config]);
}

function isPlugin(value: unknown): value is Plugin {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'pluginId' in value &&
    typeof value.pluginId === 'string' &&
    'onEvent' in value &&
    typeof value.onEvent === 'function'
  );
}

function problem(index: number, { id, entrypoint }: PluginDeclaration, reason: string): PluginProblem {
  return { index, plugin_id: id, message: `plugin "${id}" (${entrypoint}): ${reason}` };
}
