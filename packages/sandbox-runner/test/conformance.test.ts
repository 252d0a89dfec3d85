import { describe, it } from 'vitest';
import { runSandboxBackendSuite } from '../src/testing.ts';
import { cannotIsolate, localBackend } from './local-machine.ts';

if (cannotIsolate === undefined) {
  runSandboxBackendSuite({ name: 'local, isolated', create: async () => localBackend('auto') });
} else {
  describe('sandbox backend: local, isolated', () => {
    it('passes the suite', ({ skip }) => skip(cannotIsolate));
  });
}

runSandboxBackendSuite({
  name: 'local, not isolated',
  create: async () => localBackend('none'),
});
