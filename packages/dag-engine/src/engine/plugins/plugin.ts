import type { EngineEvent } from '../model/engine-event.ts';
import type { JsonObject } from '../model/json.ts';

/**
 * An observer of a run. Contract: whatever a method throws or rejects with is logged and changes nothing; what
 * `onEvent` returns is awaited only when the engine closes. It sees frozen events and holds no part of the engine.
 */
export interface Plugin<Adapters = unknown> {
  readonly pluginId: string;
  onEvent(event: EngineEvent): unknown;
  onStartup?(): unknown;
  onShutdown?(): unknown;
  /** Runs once while loading, before anything is built. May throw: then loading fails. */
  registerExtensions?(adapters: Adapters): unknown;
}

/** What a class named in `plugins.yaml` may extend. */
export abstract class PluginBase implements Plugin {
  readonly pluginId: string;
  readonly config: JsonObject;

  constructor(pluginId: string, config: JsonObject) {
    this.pluginId = pluginId;
    this.config = config;
  }

  abstract onEvent(event: EngineEvent): unknown;
}
