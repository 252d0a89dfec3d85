import { join } from 'node:path';
import { createModalBackend, type ModalBackendOptions } from '@agentswarm/sandbox-runner';
import { CliError } from '../errors.ts';
import type { BackendSettings } from './backend-settings.ts';
import { findModalCredentials } from './modal-credentials.ts';
import type { BackendRequest, OpenedBackend } from './opened-backend.ts';
import { MODAL_SDK, requirePythonSide } from './python-side.ts';

/** Where infra/sandbox_image.py puts the compiled packages. */
const PACKAGES_INSIDE = '/opt/agentswarm/packages';
export const WORKER_INSIDE = ['node', `${PACKAGES_INSIDE}/worker/dist/main.js`] as const;
export const GUARD_INSIDE = ['node', `${PACKAGES_INSIDE}/sandbox-runner/dist/guard.js`] as const;

/** Who only looks for sandboxes and ends them needs none. */
const UNUSED_IMAGE = 'none';

/** Opens the backend whose sandboxes run on Modal; nothing is made there before the first is. */
export async function openModal(request: BackendRequest): Promise<OpenedBackend> {
  const { settings, root, host, logger } = request;
  const { python, sdk, infra } = await requirePythonSide(settings.pythonPath, host.env);
  const image = imageOf(request);
  const account = accountOf(settings, host.env);
  if (sdk !== MODAL_SDK)
    logger.warn({ sdk, tested: MODAL_SDK }, 'this version of the Modal SDK was never tried');
  const backend = createModalBackend({
    root: join(root, 'modal'),
    account,
    shim: { python, folder: infra, env: host.env },
    image,
    guardCommand: GUARD_INSIDE,
    path: host.path,
    registry: host.registry,
    logger,
  });
  return {
    backend,
    workerCommand: WORKER_INSIDE,
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}

/** @throws {CliError} CLI_NO_IMAGE. */
function imageOf({ settings, purpose }: BackendRequest): ModalBackendOptions['image'] {
  const { modalImage = purpose === 'existing' ? UNUSED_IMAGE : undefined } = settings;
  if (modalImage === undefined) {
    throw new CliError(
      'CLI_NO_IMAGE',
      'there is nothing remote sandboxes could start from: MODAL_IMAGE is not set',
    );
  }
  return modalImage.startsWith('im-') ? { id: modalImage } : { name: modalImage };
}

/** @throws {CliError} CLI_NO_CREDENTIALS. */
function accountOf(
  settings: BackendSettings,
  env: Readonly<Record<string, string | undefined>>,
): ModalBackendOptions['account'] {
  const { modalApp: app, modalEnvironment: environment } = settings;
  const found = findModalCredentials(settings, env);
  if (found.kind === 'none') {
    throw new CliError(
      'CLI_NO_CREDENTIALS',
      'there are no credentials for Modal: MODAL_TOKEN_ID is not set, and there is no profile',
    );
  }
  const { tokenId, tokenSecret } = found.kind === 'settings' ? found : {};
  return {
    app,
    ...(environment === undefined ? {} : { environment }),
    ...(tokenId === undefined || tokenSecret === undefined ? {} : { credentials: { tokenId, tokenSecret } }),
  };
}
