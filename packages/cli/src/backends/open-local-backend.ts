import type { SwarmConfig } from '@agentswarm/core';
import { isSwarmError } from '@agentswarm/core';
import { createLocalBackend } from '@agentswarm/sandbox-runner';
import { findWorkerRuntime } from '../runs/worker-runtime.ts';
import type { BackendRequest, OpenedBackend } from './opened-backend.ts';

/**
 * Opens the backend whose sandboxes run on this machine. Where isolation is missing, only a run of authored
 * answers goes on without.
 *
 * @throws {SandboxError} ISOLATION_UNAVAILABLE.
 */
export function openLocalBackend(request: BackendRequest): OpenedBackend {
  const { settings, root, host, logger, purpose } = request;
  const { command, readOnlyPaths, nodePath } = findWorkerRuntime();
  const opened = (isolation: SwarmConfig['isolation']): OpenedBackend => {
    const backend = createLocalBackend({
      root,
      isolation,
      runtime: { readOnlyPaths: purpose === 'workers' ? readOnlyPaths : [], nodePath },
      path: host.path,
      registry: host.registry,
      logger,
    });
    return {
      backend,
      workerCommand: command,
      [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
    };
  };
  try {
    return opened(settings.isolation);
  } catch (error) {
    const missing = isSwarmError(error) && error.code === 'ISOLATION_UNAVAILABLE';
    if (!missing || !request.allowNoIsolationFallback) throw error;
    logger.warn({ reason: error.message }, WITHOUT_ISOLATION);
    return opened('none');
  }
}

/** Said where a demo goes on without. */
export const WITHOUT_ISOLATION = 'running without isolation: the answers of this demo are authored';
