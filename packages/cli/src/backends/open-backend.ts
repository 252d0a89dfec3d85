import type { Logger, SandboxBackend } from '@agentswarm/core';
import type { HostSettings } from '../runs/host-settings.ts';
import type { BackendSettings } from './backend-settings.ts';
import { openLocalBackend } from './open-local-backend.ts';
import { openModal } from './open-modal.ts';
import { openModalLocal } from './open-modal-local.ts';

export interface BackendRequest {
  readonly settings: BackendSettings;
  /** Folder for local sandboxes, and for what this machine knows of remote ones. */
  readonly root: string;
  readonly host: HostSettings;
  readonly logger: Logger;
  /** Whether workers of this installation are to run in the sandboxes. */
  readonly forWorkers: boolean;
  /** Go on without OS isolation where it is missing; only for authored answers. */
  readonly allowNoIsolationFallback: boolean;
}

/** A backend with what it needs. Disposing it ends both, and every sandbox this process holds. */
export interface OpenedBackend extends AsyncDisposable {
  readonly backend: SandboxBackend;
  /** Starts a worker inside: program and arguments; the path of the assignment is added. */
  readonly workerCommand: readonly [string, ...string[]];
}

/**
 * Opens the backend that the settings name.
 *
 * @throws {SandboxError} ISOLATION_UNAVAILABLE.
 * @throws {CliError} CLI_PYTHON_MISSING, CLI_NO_IMAGE, CLI_NO_CREDENTIALS, CLI_SERVER_NOT_STARTED.
 */
export async function openBackend(request: BackendRequest): Promise<OpenedBackend> {
  switch (request.settings.sandboxBackend) {
    case 'local':
      return openLocalBackend(request);
    case 'modal':
      return await openModal(request);
    case 'modal-local':
      return await openModalLocal(request);
  }
}
