import type { ManifestSet } from '../model/manifest-set.ts';
import type { EngineAdapters } from './engine-parts.ts';

/** Notes the models and tools that the manifests name, for the engine's metadata. */
export function noteAdapters(adapters: EngineAdapters, { agents, tools }: ManifestSet): void {
  for (const { provider, model, config } of agents) {
    const adapter_id = provider === null ? model : `${provider}/${model}`;
    adapters.registerLlm({ adapter_id, version: '', enabled: true, metadata: {}, config });
  }
  for (const { tool_id, version, enabled, type, entrypoint } of tools) {
    adapters.registerTool({
      adapter_id: tool_id,
      version,
      enabled,
      metadata: { type },
      config: { entrypoint },
    });
  }
}
