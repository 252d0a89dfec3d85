import type { Logger } from '@agentswarm/core';
import { runLimited } from '../tools/run-limited.ts';
import type { PluginRegistry } from './plugin-registry.ts';

const DEFAULT_TIMEOUT_MS = 5_000;

/** Shuts the plugins of an engine down and waits for what they are busy with, but not for one that never settles. */
export async function closePlugins({
  plugins,
  options: { pluginTimeoutMs: timeoutMs = DEFAULT_TIMEOUT_MS },
  logger,
}: {
  readonly plugins: Pick<PluginRegistry, 'close'>;
  readonly options: { readonly pluginTimeoutMs?: number };
  readonly logger: Logger;
}): Promise<void> {
  const { signal } = new AbortController();
  const ended = await runLimited((over) => plugins.close(over), { signal, timeoutMs });
  if (ended.kind === 'timeout') logger.warn({ timeoutMs }, 'plugins are still busy after closing');
}
