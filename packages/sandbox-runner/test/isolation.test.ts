import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { NetworkPolicy, SandboxBackend } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../src/conformance/source-repository.ts';
import { cannotIsolate, localBackend, temporaryFolder } from './local-machine.ts';

const CANARY = 'canary-isolation-5521';
const outside = temporaryFolder('outside');
const homeFile = join(homedir(), `.agentswarm-test-${process.pid}`);
const backends = new Map<string, SandboxBackend>();
let source: SourceRepository;

beforeAll(async () => {
  process.env['AGENTSWARM_TEST_CANARY'] = CANARY;
  writeFileSync(homeFile, CANARY);
  source = await createSourceRepository();
  if (cannotIsolate === undefined) backends.set('auto', localBackend('auto'));
  backends.set('none', localBackend('none'));
});

afterAll(async () => {
  for (const backend of backends.values()) await backend[Symbol.asyncDispose]();
  await source[Symbol.asyncDispose]();
  delete process.env['AGENTSWARM_TEST_CANARY'];
  rmSync(homeFile, { force: true });
});

async function run(isolation: string, script: string, network: NetworkPolicy = 'none') {
  const backend = backends.get(isolation);
  if (backend === undefined) return expect.fail(`no backend ${isolation}`);
  await using sandbox = await backend.create({
    labels: { run: 'run-isolation', purpose: 'command' },
    source: source.at(source.commit),
    network,
  });
  return await sandbox.exec({ command: ['bash', '-c', script], timeoutMs: 20_000 }).result;
}

/** An attempt to get out: its script exits with 0 when it succeeds. */
interface Escape {
  readonly title: string;
  readonly script: () => string;
  /** Not shown to succeed without isolation, because it would do harm or cannot be told apart. */
  readonly onlyInside?: true;
}

const probeTcp = (port: number) => `exec 3<>/dev/tcp/127.0.0.1/${port} && head -c 5 <&3`;

function escapes(port: () => number, victim: () => number): Escape[] {
  return [
    { title: 'write a file outside', script: () => `echo x >${outside}/written` },
    { title: 'read a file in the home folder of the host', script: () => `grep ${CANARY} ${homeFile}` },
    { title: 'list the home folder of the host', script: () => `ls -A ${homedir()} | grep agentswarm-test` },
    { title: 'reach a loopback service of the host', script: () => probeTcp(port()) },
    { title: 'send a signal to a process of the host', script: () => `kill -0 ${victim()}` },
    {
      title: 'find the environment of a process of the host',
      script: () => `tr '\\0' '\\n' </proc/${process.pid}/environ | grep -q .`,
    },
    { title: 'see processes of the host', script: () => `[ "$(ls /proc | grep -c '^[0-9]')" -gt 8 ]` },
    { title: 'write to the object store it borrows from', script: writeToStore },
    { title: 'see other sandboxes', script: () => `[ "$(ls -d "$PWD"/../../sbx-*.json | wc -l)" -gt 0 ]` },
    { title: 'change the operating system', script: () => 'echo x >/usr/local/escape', onlyInside: true },
    { title: 'become root', script: () => '[ "$(id -u)" = 0 ] || sudo -n true', onlyInside: true },
    { title: 'make a user namespace', script: () => 'unshare -U true', onlyInside: true },
    { title: 'mount something', script: () => 'mount -t tmpfs none /tmp', onlyInside: true },
    { title: 'make a device', script: () => 'mknod disk b 8 0', onlyInside: true },
    { title: 'write to the root folder', script: () => 'touch /x', onlyInside: true },
    { title: 'read the password hashes', script: () => 'cat /etc/shadow', onlyInside: true },
    { title: 'read the keys of the machine', script: () => 'ls /etc/ssh/ssh_host_rsa_key', onlyInside: true },
    {
      title: 'reach a docker socket',
      script: () => 'ls /var/run/docker.sock /run/docker.sock',
      onlyInside: true,
    },
    { title: 'see system settings', script: () => 'ls /sys/class', onlyInside: true },
    {
      title: 'learn a path of the host from its arguments, mounts and checkout',
      script: pathsOfHost,
      onlyInside: true,
    },
  ];
}

function writeToStore(): string {
  return 'store=$(head -1 .git/objects/info/alternates) && touch "$store/escape" && rm "$store/escape"';
}

function pathsOfHost(): string {
  // Written backwards, so that the command itself does not hold what it looks for.
  const backwards = Array.from(source.folder).toReversed().join('');
  return `cat /proc/*/cmdline /proc/mounts .git/config .git/objects/info/alternates | tr '\\0' ' ' | grep -F "$(echo ${backwards} | rev)"`;
}

describe('isolation', () => {
  const server = createServer((socket) => socket.end('hello'));
  let port = 0;
  const victim = spawn('sleep', ['600'], { stdio: 'ignore' });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.close();
    victim.kill('SIGKILL');
  });

  const all = escapes(
    () => port,
    () => victim.pid ?? 0,
  );
  for (const { title, script, onlyInside } of all) {
    it(`does not let a command ${title}`, async ({ skip }) => {
      if (cannotIsolate !== undefined) skip(cannotIsolate);
      const result = await run('auto', script());
      expect(result).toMatchObject({ reason: 'exited' });
      expect(result.exitCode).not.toBe(0);
    });
    if (onlyInside) continue;
    it(`could otherwise ${title}`, async () => {
      expect(await run('none', script())).toMatchObject({ reason: 'exited', exitCode: 0 });
    });
  }

  it('passes nothing of the environment of the host', async () => {
    for (const isolation of backends.keys()) {
      expect((await run(isolation, 'env')).stdout).not.toContain(CANARY);
    }
  });

  it('leaves what it must not touch untouched', ({ skip }) => {
    if (cannotIsolate !== undefined) skip(cannotIsolate);
    rmSync(join(outside, 'written'), { force: true });
    return run('auto', `mkdir -p ${outside}; echo x >${outside}/written; true`).then(() => {
      expect(existsSync(join(outside, 'written'))).toBe(false);
    });
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
