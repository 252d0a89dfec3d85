import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Secret } from '@agentswarm/core';
import { createModalBackend, findGuard, type ModalBackendOptions } from '../../src/index.ts';
import { HOST_PATH, temporaryFolder } from '../local-machine.ts';
import { infraFolder, python, startFakeModal, type FakeModal } from './fake-modal.ts';

const node = realpathSync(process.execPath);
const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

/** A server whose sandboxes see this machine's Node and this package. */
export function startModalMachine(): Promise<FakeModal> {
  return startFakeModal([dirname(node), packageFolder]);
}

/** How a backend works with that server. */
export function modalOptions(
  { hello }: Pick<FakeModal, 'hello'>,
  more: Partial<ModalBackendOptions> = {},
): ModalBackendOptions {
  return {
    root: more.root ?? temporaryFolder('modal'),
    account: {
      app: 'agentswarm-test',
      serverUrl: hello.serverUrl,
      credentials: { tokenId: new Secret(hello.tokenId), tokenSecret: new Secret(hello.tokenSecret) },
    },
    shim: {
      python,
      folder: infraFolder,
      env: {
        PATH: process.env['PATH'],
        MODAL_CONFIG_PATH: '/nonexistent/modal.toml',
        MODAL_DISABLE_API_PROXY: '1',
      },
    },
    image: { registry: 'debian:stable-slim' },
    guardCommand: [node, findGuard()],
    path: HOST_PATH,
    ...more,
  };
}

export function modalBackend(modal: Pick<FakeModal, 'hello'>, more: Partial<ModalBackendOptions> = {}) {
  return createModalBackend(modalOptions(modal, more));
}
