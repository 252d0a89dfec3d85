import { expect } from 'vitest';
import type { CaseContext } from './suite-case.ts';

/** A behaviour that needs a registry to be shown. */
export interface RegistryCase {
  readonly title: string;
  readonly run: (context: CaseContext & { readonly registryUrl: string }) => Promise<void>;
}

/** Asks the proxy of the environment for an address, and writes status and body. */
export const GET_BY_PROXY = `
const { hostname: host, port } = new URL(process.env.HTTP_PROXY);
const http = require('node:http');
// An agent of its own, since Node's may itself take the way through the proxy.
http.get({ host, port, path: process.argv[1], agent: new http.Agent() }, (answer) => {
  process.stdout.write(answer.statusCode + ' ');
  answer.pipe(process.stdout);
});`;

export const registryCases: readonly RegistryCase[] = [
  {
    title: 'reaches a registry with network registries',
    run: async ({ open, registryUrl }) => {
      const sandbox = await open({ network: 'registries' });
      const result = await sandbox.exec({ command: ['node', '-e', GET_BY_PROXY, registryUrl] }).result;
      expect(result).toMatchObject({ exitCode: 0, stdout: '200 registry', stderr: '' });
    },
  },
  {
    title: 'refuses every other destination with network registries, and says so',
    run: async ({ open, registryUrl }) => {
      const sandbox = await open({ network: 'registries' });
      const otherPort = new URL(registryUrl);
      otherPort.port = String(Number(otherPort.port || '80') + 1);
      for (const url of ['http://elsewhere.invalid/', registryUrl.replace('//', '//x.'), otherPort.href]) {
        const result = await sandbox.exec({ command: ['node', '-e', GET_BY_PROXY, url] }).result;
        expect(result.stdout).toMatch(/^403 .*package registries only/);
      }
    },
  },
  {
    title: 'runs commands with network registries as it does without',
    run: async ({ open }) => {
      const sandbox = await open({ network: 'registries', env: { OWN: 'kept' } });
      const script = 'read -r line; echo "$line $OWN $1"; echo err >&2; exit 7';
      const result = await sandbox.exec({ command: ['sh', '-c', script, 'sh', 'a b'], stdin: 'in\n' }).result;
      expect(result).toMatchObject({
        reason: 'exited',
        exitCode: 7,
        stdout: 'in kept a b\n',
        stderr: 'err\n',
      });
      const missing = await sandbox.exec({ command: ['no-such-program-anywhere'] }).result;
      expect(missing.reason).toBe('not_started');
      const hung = await sandbox.exec({ command: ['sleep', '600'], timeoutMs: 300 }).result;
      expect(hung.reason).toBe('timed_out');
    },
  },
];
