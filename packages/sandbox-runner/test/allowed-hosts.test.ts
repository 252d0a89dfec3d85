import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { SandboxSpec } from '@agentswarm/core';
import { afterAll, describe, expect, it } from 'vitest';
import { cannotIsolate, localBackend, temporaryFolder } from './local-machine.ts';
import { startLocalServer } from './local-registry.ts';

const listed = await startLocalServer((request, response) => response.end(`listed ${request.url}`));
const other = await startLocalServer((_request, response) => response.end('out of bounds'));
afterAll(async () => {
  await listed[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});
const LIST = { allow: [`127.0.0.1:${listed.port}`, '*.example.invalid'] };
const REGISTRY = {
  env: { npm_config_registry: listed.url, PIP_INDEX_URL: other.url, HTTPS_PROXY: 'http://127.0.0.1:9' },
  urls: [listed.url, other.url],
};

async function run(command: readonly [string, ...string[]], more: Partial<SandboxSpec> = {}) {
  await using backend = localBackend('auto', { registry: REGISTRY });
  await using sandbox = await backend.create({
    labels: { run: 'run-allowed', purpose: 'command' },
    network: LIST,
    ...more,
  });
  return await sandbox.exec({ command, timeoutMs: 20_000 }).result;
}

const FETCH = `
fetch(process.argv[1]).then(async (answer) => {
  console.log(answer.status, await answer.text());
}, (error) => console.log(String(error.cause ?? error)));`;

describe.skipIf(cannotIsolate !== undefined)('a list of hosts for an isolated sandbox', () => {
  it('is reached by what Node fetches and by curl', async () => {
    expect((await run(['node', '-e', FETCH, `${listed.url}/x`])).stdout).toBe('200 listed /x\n');
    expect((await run(['curl', '-sS', `${listed.url}/y`])).stdout).toBe('listed /y');
    expect((await run(['curl', '-sS', '--proxytunnel', `${listed.url}/z`])).stdout).toBe('listed /z');
  });

  it('is all that is reached, by the proxy or past it', async () => {
    for (const url of [
      other.url,
      `http://localhost:${listed.port}`,
      'http://169.254.169.254/latest/meta-data',
    ]) {
      const asked = await run(['node', '-e', FETCH, url]);
      expect(asked.stdout).not.toContain('listed');
      expect(asked.stdout).not.toContain('out of bounds');
    }
    for (const port of [listed.port, other.port]) {
      const past = await run(['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]);
      expect(past.exitCode).not.toBe(0);
    }
    const interfaces = await run(['sh', '-c', 'tail -n +3 /proc/net/dev | cut -d: -f1']);
    expect(interfaces.stdout.trim()).toBe('lo');
  });

  it('takes settings of package managers where they name a host of the list, and no other proxy', async () => {
    const script = 'echo "$npm_config_registry|$PIP_INDEX_URL|$HTTPS_PROXY"';
    const env = { HTTPS_PROXY: 'http://elsewhere:1', HTTP_PROXY: 'http://elsewhere:1' };
    const { stdout } = await run(['sh', '-c', script], { env });
    expect(stdout).toBe(`${listed.url}||http://127.0.0.1:48128\n`);
  });

  it('comes with the gateway where the spec names one', async () => {
    const gatewaySocket = join(temporaryFolder('allowed'), 'gateway.sock');
    const gateway = createServer((socket) => socket.end('gateway')).listen(gatewaySocket);
    await once(gateway, 'listening');
    await using backend = localBackend('auto');
    const labels = { run: 'run-allowed', purpose: 'command' } as const;
    await using sandbox = await backend.create({ labels, network: LIST, gatewaySocket });
    if (sandbox.gateway?.kind !== 'socket') return expect.fail('no gateway');
    const script = 'require("node:net").connect(process.argv[1]).pipe(process.stdout)';
    const reached = await sandbox.exec({ command: ['node', '-e', script, sandbox.gateway.path] }).result;
    expect(reached.stdout).toBe('gateway');
    const asked = await sandbox.exec({ command: ['curl', '-sS', listed.url] }).result;
    expect(asked.stdout).toBe('listed /');
    await using none = await backend.create({ labels, network: 'none', gatewaySocket });
    expect(none.gateway).toBeUndefined();
    gateway.close();
  });

  it('is each sandbox its own: one does not use the way of another', async () => {
    await using backend = localBackend('auto');
    const open = (allow: string[]) =>
      backend.create({ labels: { run: 'run-allowed', purpose: 'command' }, network: { allow } });
    const to = async (allow: string[], url: string) => {
      await using sandbox = await open(allow);
      return (await sandbox.exec({ command: ['curl', '-sS', url] }).result).stdout;
    };
    const [one, two] = await Promise.all([
      to([`127.0.0.1:${listed.port}`], listed.url),
      to([`127.0.0.1:${other.port}`], listed.url),
    ]);
    expect(one).toBe('listed /');
    expect(two).toContain(`127.0.0.1:${listed.port} is none`);
  });
});
