import { afterAll } from 'vitest';
import { runSandboxBackendSuite } from '../../src/testing.ts';
import { startLocalServer } from '../local-registry.ts';
import { describeWithPython, type FakeModal } from './fake-modal.ts';
import { modalBackend, startModalMachine } from './modal-machine.ts';

const registry = await startLocalServer();

describeWithPython('on a server that speaks as Modal does', () => {
  let modal: FakeModal | undefined;
  afterAll(async () => {
    await modal?.[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
  runSandboxBackendSuite({
    name: 'modal',
    create: async () => {
      modal = await startModalMachine();
      return modalBackend(modal, { registry: { env: {}, urls: [registry.url] } });
    },
    registryUrl: registry.url,
  });
});
