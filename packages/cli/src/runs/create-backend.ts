import { isSwarmError, type SandboxBackend } from '@agentswarm/core';
import { createLocalBackend } from '@agentswarm/sandbox-runner';
import type { ComposeRunOptions } from './compose.ts';
import type { WorkerRuntime } from './worker-runtime.ts';

export interface CreateBackendOptions extends Pick<
  ComposeRunOptions,
  'config' | 'allowNoIsolationFallback' | 'host' | 'logger'
> {
  readonly runtime: WorkerRuntime;
  /** Folder for sandboxes and dependency layers. */
  readonly root: string;
}

/**
 * Opens the sandbox backend of a run. Where isolation is missing, only a run of authored answers goes on
 * without.
 *
 * @throws {SandboxError} ISOLATION_UNAVAILABLE.
 */
export function createBackend(options: CreateBackendOptions): SandboxBackend {
  const { config, runtime, root, host, logger } = options;
  const open = (isolation: 'auto' | 'none') =>
    createLocalBackend({
      root,
      isolation,
      runtime: { readOnlyPaths: runtime.readOnlyPaths, nodePath: runtime.nodePath },
      path: host.path,
      registry: host.registry,
      logger,
    });
  try {
    return open(config.isolation);
  } catch (error) {
    const missing = isSwarmError(error) && error.code === 'ISOLATION_UNAVAILABLE';
    if (!missing || !options.allowNoIsolationFallback) throw error;
    logger.warn(
      { reason: error.message },
      'running without isolation: the answers of this demo are authored',
    );
    return open('none');
  }
}
