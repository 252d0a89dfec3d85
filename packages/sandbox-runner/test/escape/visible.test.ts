import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { NetworkPolicy, SandboxBackend } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cannotIsolate, localBackend, temporaryFolder } from '../local-machine.ts';
import { CANARY } from './host.ts';

const backends = new Map<string, SandboxBackend>();

beforeAll(() => {
  process.env['AGENTSWARM_TEST_CANARY'] = CANARY;
  if (cannotIsolate === undefined) backends.set('auto', localBackend('auto'));
  backends.set('none', localBackend('none'));
});

afterAll(async () => {
  for (const backend of backends.values()) await backend[Symbol.asyncDispose]();
  delete process.env['AGENTSWARM_TEST_CANARY'];
});

async function run(isolation: string, script: string, network: NetworkPolicy = 'none') {
  const backend = backends.get(isolation);
  if (backend === undefined) return expect.fail(`no backend ${isolation}`);
  await using sandbox = await backend.create({
    labels: { run: 'run-visible', purpose: 'command' },
    network,
  });
  return await sandbox.exec({ command: ['bash', '-c', script], timeoutMs: 20_000 }).result;
}

const probeTcp = (port: number) => `exec 3<>/dev/tcp/127.0.0.1/${port} && head -c 5 <&3`;

describe('what a command is meant to see', () => {
  const server = createServer((socket) => socket.end('hello'));
  let port = 0;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => void server.close());

  it('passes nothing of the environment of the host', async () => {
    for (const isolation of backends.keys()) {
      expect((await run(isolation, 'env')).stdout).not.toContain(CANARY);
    }
  });

  it('lets a command with network open reach the host', async ({ skip }) => {
    if (cannotIsolate !== undefined) skip(cannotIsolate);
    expect(await run('auto', probeTcp(port), 'open')).toMatchObject({ exitCode: 0, stdout: 'hello' });
  });

  it('reaches the gateway socket and nothing else with network gateway', async ({ skip }) => {
    if (cannotIsolate !== undefined) skip(cannotIsolate);
    const folder = temporaryFolder('gateway');
    const gatewaySocket = join(folder, 'gateway.sock');
    const gateway = createServer((socket) => socket.end('gateway'));
    gateway.listen(gatewaySocket);
    await once(gateway, 'listening');
    const backend = backends.get('auto');
    if (backend === undefined) return expect.fail('no backend');
    await using sandbox = await backend.create({
      labels: { run: 'run-gateway', purpose: 'command' },
      network: 'gateway',
      gatewaySocket,
    });
    expect(sandbox.gateway).toEqual({ kind: 'socket', path: '/workspace/gateway.sock' });
    const connect = `require("node:net").connect(process.argv[1]).on("error", (e) => { throw e }).pipe(process.stdout)`;
    const path = sandbox.gateway?.kind === 'socket' ? sandbox.gateway.path : '';
    const reached = await sandbox.exec({ command: ['node', '-e', connect, path] }).result;
    expect(reached.stdout).toBe('gateway');
    const tcp = await sandbox.exec({ command: ['bash', '-c', probeTcp(port)] }).result;
    expect(tcp.exitCode).not.toBe(0);
    gateway.close();
  });

  it('shows files with credentials among the tools of the host as empty', async ({ skip }) => {
    if (cannotIsolate !== undefined) skip(cannotIsolate);
    const tools = temporaryFolder('tools');
    for (const name of ['bin', 'lib', 'etc']) mkdirSync(join(tools, name));
    writeFileSync(join(tools, 'bin', 'tool'), '#!/bin/sh\necho tool\n', { mode: 0o755 });
    writeFileSync(join(tools, 'etc', 'npmrc'), CANARY);
    await using backend = localBackend('auto', { path: join(tools, 'bin') });
    await using sandbox = await backend.create({ labels: { run: 'run-tools', purpose: 'command' } });
    const script = `tool; cat ${tools}/etc/npmrc && echo empty`;
    const result = await sandbox.exec({ command: ['sh', '-c', script] }).result;
    expect(result).toMatchObject({ exitCode: 0, stdout: 'tool\nempty\n', stderr: '' });
  });

  it('shows no other sandbox to a command although a folder above them is visible', async ({ skip }) => {
    if (cannotIsolate !== undefined) skip(cannotIsolate);
    const folder = temporaryFolder('above');
    mkdirSync(join(folder, 'code'));
    writeFileSync(join(folder, 'code', 'main.js'), 'process.stdout.write("code")');
    await using backend = localBackend('auto', {
      root: join(folder, 'root'),
      runtime: { readOnlyPaths: [folder], nodePath: process.execPath },
    });
    await using sandbox = await backend.create({ labels: { run: 'run-above', purpose: 'command' } });
    const script = `node ${folder}/code/main.js; ls -A ${folder}/root; touch ${folder}/code/x`;
    const result = await sandbox.exec({ command: ['sh', '-c', script] }).result;
    expect(result.stdout).toBe('code');
    expect(existsSync(join(folder, 'code', 'x'))).toBe(false);
  });
});
