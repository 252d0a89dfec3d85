import { afterAll, describe, it } from 'vitest';
import { runSandboxBackendSuite } from '../src/testing.ts';
import { cannotIsolate, localBackend } from './local-machine.ts';
import { startLocalServer } from './local-registry.ts';

const registry = await startLocalServer();
afterAll(() => registry[Symbol.asyncDispose]());
const settings = { registryUrl: registry.url };
const told = { registry: { env: {}, urls: [registry.url] } };

if (cannotIsolate === undefined) {
  runSandboxBackendSuite({
    name: 'local, isolated',
    create: async () => localBackend('auto', told),
    ...settings,
  });
} else {
  describe('sandbox backend: local, isolated', () => {
    it('passes the suite', ({ skip }) => skip(cannotIsolate));
  });
}

runSandboxBackendSuite({
  name: 'local, not isolated',
  create: async () => localBackend('none', told),
  ...settings,
});
