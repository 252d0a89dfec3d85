import { expect } from 'vitest';
import { GET_BY_PROXY, type RegistryCase } from './registry-cases.ts';
import type { SuiteCase } from './suite-case.ts';

/** Listens on every port that it was told of, and answers `PORT` by all of them. */
const LISTEN_ON_ALL = `
const { AGENTSWARM_PORT_FIRST: first, AGENTSWARM_PORT_LAST: last, PORT } = process.env;
const http = require('node:http');
(async () => {
  const servers = [];
  for (let port = Number(first); port <= Number(last); port++) {
    const server = http.createServer((_, answer) => answer.end(String(port))).listen(port, '127.0.0.1');
    await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
    servers.push(server);
  }
  http.get({ port: PORT, host: '127.0.0.1', agent: false }, async (answer) => {
    console.log(servers.length, PORT === first, (await answer.toArray()).join('') === PORT);
    process.exit();
  });
})();`;

export const networkCases: readonly SuiteCase[] = [
  {
    title: 'refuses a malformed list of hosts, and makes nothing',
    run: async ({ backend }) => {
      for (const entry of ['https://example.org', '*', 'example.org:0', '']) {
        const labels = { run: 'run-malformed', purpose: 'command' } as const;
        await expect(
          backend.create({ labels, network: { allow: ['example.org', entry] } }),
        ).rejects.toMatchObject({ code: 'SANDBOX_SPEC_INVALID', details: { entry } });
        expect(await backend.list({ run: 'run-malformed' })).toEqual([]);
      }
    },
  },
  {
    title: 'gives commands ports to listen on',
    run: async ({ open }) => {
      for (const network of ['none', 'open'] as const) {
        const sandbox = await open({ network });
        const result = await sandbox.exec({ command: ['node', '-e', LISTEN_ON_ALL] }).result;
        expect(result).toMatchObject({ stderr: '', stdout: '20 true true\n' });
      }
    },
  },
  {
    title: 'keeps caches and settings in a HOME of its own, whatever the environment says',
    run: async ({ open }) => {
      const sandbox = await open({ env: { XDG_CACHE_HOME: '/elsewhere', NPM_CONFIG_CACHE: '/elsewhere' } });
      const env = { PIP_CACHE_DIR: '/elsewhere', HOME: '/elsewhere' };
      const script = 'echo "$HOME"; env; mkdir -p "$XDG_CACHE_HOME" "$npm_config_cache" "$PIP_CACHE_DIR"';
      const result = await sandbox.exec({ command: ['sh', '-c', script], env }).result;
      const [home = '', ...variables] = result.stdout.split('\n');
      expect(result).toMatchObject({ exitCode: 0, stderr: '' });
      expect(result.stdout).not.toContain('elsewhere');
      for (const name of ['XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'npm_config_cache']) {
        expect(variables.find((line) => line.startsWith(`${name}=`))).toContain(`=${home}/`);
      }
    },
  },
];

/** Behaviours of a list of hosts; the registry serves as a host that may or may not be on it. */
export const allowListCases: readonly RegistryCase[] = [
  {
    title: 'reaches a host of the list',
    run: async ({ open, registryUrl }) => {
      const sandbox = await open({ network: { allow: ['example.org', new URL(registryUrl).host] } });
      const result = await sandbox.exec({ command: ['node', '-e', GET_BY_PROXY, registryUrl] }).result;
      expect(result).toMatchObject({ exitCode: 0, stdout: '200 registry', stderr: '' });
    },
  },
  {
    title: 'refuses every destination that is not on the list, and says so',
    run: async ({ open, registryUrl }) => {
      const sandbox = await open({ network: { allow: ['example.invalid', '*.example.invalid:8080'] } });
      for (const url of [registryUrl, 'http://elsewhere.invalid/', 'http://example.invalid:8080/']) {
        const result = await sandbox.exec({ command: ['node', '-e', GET_BY_PROXY, url] }).result;
        expect(result.stdout).toMatch(/^403 .*the hosts of a list only/);
      }
    },
  },
  {
    title: 'runs commands with a list of hosts as it does without',
    run: async ({ open }) => {
      const sandbox = await open({ network: { allow: [] }, env: { OWN: 'kept' } });
      const script = 'read -r line; echo "$line $OWN $1"; exit 7';
      const result = await sandbox.exec({ command: ['sh', '-c', script, 'sh', 'a b'], stdin: 'in\n' }).result;
      expect(result).toMatchObject({ reason: 'exited', exitCode: 7, stdout: 'in kept a b\n', stderr: '' });
    },
  },
];
