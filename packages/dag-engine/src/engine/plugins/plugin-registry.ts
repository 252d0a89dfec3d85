import { silentLogger, type Logger } from '@agentswarm/core';
import type { EngineEvent } from '../model/engine-event.ts';
import { describeThrown } from '../tools/failure.ts';
import type { Plugin } from './plugin.ts';

type Hook = 'onStartup' | 'onEvent' | 'onShutdown';

/** The plugins of an engine, told of events one after the other in the order they were registered. */
export class PluginRegistry {
  readonly #plugins = new Map<string, Plugin>();
  readonly #logger: Logger;
  /** What plugins are still busy with. */
  readonly #unfinished = new Set<Promise<void>>();

  constructor(logger: Logger = silentLogger) {
    this.#logger = logger;
  }

  /** Starts the plugin. One with the same id is shut down and replaced. */
  register(plugin: Plugin): void {
    const { pluginId } = plugin;
    if (this.#plugins.has(pluginId)) {
      this.#logger.warn({ plugin: pluginId }, 'plugin is replaced by another of the same id');
      this.unregister(pluginId);
    }
    this.#plugins.set(pluginId, plugin);
    this.#call(plugin, 'onStartup', () => plugin.onStartup?.());
  }

  /** Shuts the plugin down; an unknown id is none. */
  unregister(pluginId: string): void {
    const plugin = this.#plugins.get(pluginId);
    if (plugin === undefined) return;
    this.#plugins.delete(pluginId);
    this.#call(plugin, 'onShutdown', () => plugin.onShutdown?.());
  }

  dispatch(event: EngineEvent): void {
    for (const plugin of [...this.#plugins.values()])
      this.#call(plugin, 'onEvent', () => plugin.onEvent(event));
  }

  get(pluginId: string): Plugin | undefined {
    return this.#plugins.get(pluginId);
  }

  /** In the order they were registered. */
  list(): Plugin[] {
    return [...this.#plugins.values()];
  }

  /** Shuts every plugin down and waits for what they are still busy with, or until aborted. */
  async close(signal?: AbortSignal): Promise<void> {
    for (const pluginId of [...this.#plugins.keys()]) this.unregister(pluginId);
    const finished = Promise.all(this.#unfinished);
    if (signal === undefined) await finished;
    else await Promise.race([finished, whenAborted(signal)]);
  }

  #call(plugin: Plugin, hook: Hook, call: () => unknown): void {
    try {
      const result = call();
      if (typeof result === 'object' && result !== null && 'then' in result)
        this.#follow(plugin, hook, result);
    } catch (error) {
      this.#report(plugin, hook, error);
    }
  }

  #follow(plugin: Plugin, hook: Hook, result: object): void {
    const settled = Promise.resolve(result).then(
      () => undefined,
      (error: unknown) => this.#report(plugin, hook, error),
    );
    const done = settled.finally(() => this.#unfinished.delete(done));
    this.#unfinished.add(done);
  }

  #report({ pluginId }: Plugin, hook: Hook, error: unknown): void {
    this.#logger.error({ plugin: pluginId, hook, error: describeThrown(error) }, 'plugin failed');
  }
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
