import { openLocalBackend } from './open-local-backend.ts';
import { openModal } from './open-modal.ts';
import { openModalLocal } from './open-modal-local.ts';
import type { BackendRequest, OpenedBackend } from './opened-backend.ts';

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
