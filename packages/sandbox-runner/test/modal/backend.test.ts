import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Secret, silentLogger, type Logger, type SandboxSpec } from '@agentswarm/core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createSourceRepository } from '../../src/conformance/source-repository.ts';
import type { ModalBackendOptions } from '../../src/index.ts';
import { FILES } from '../dependent-project.ts';
import { temporaryFolder } from '../local-machine.ts';
import { createTestTime } from '../test-time.ts';
import { describeWithPython, type FakeModal } from './fake-modal.ts';
import { modalBackend, modalOptions, startModalMachine } from './modal-machine.ts';

const LABELS = { run: 'run-backend', purpose: 'command' } as const;
const MINUTES = 60_000;

const ASK_GATEWAY = `
require('node:http').get({ socketPath: process.argv[1] }, (answer) => answer.pipe(process.stdout))
  .on('error', () => process.exit(1));`;
interface SeenSandbox {
  readonly id: string;
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Shims of this process. */
function shimPids(): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return table
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === process.pid && args.includes('modal_shim'))
    .map(([pid]) => Number(pid));
}

function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

const recordsIn = (root: string) => filesIn(root).filter((file) => file.endsWith('.json'));

describeWithPython('the Modal backend', () => {
  let modal: FakeModal;
  beforeAll(async () => {
    modal = await startModalMachine();
  });
  beforeEach(() => modal.ask('reset'));
  afterAll(() => modal[Symbol.asyncDispose]());

  const backendIn = (root: string, more: Partial<ModalBackendOptions> = {}) =>
    modalBackend(modal, { root, ...more });
  const running = async () =>
    ((await modal.ask('sandboxes')) as readonly SeenSandbox[]).filter(({ status }) => status === 'running');

  it('starts no shim before it is needed, and leaves nothing when it ends', async () => {
    const root = temporaryFolder('modal');
    const backend = backendIn(root);
    expect(backend.description).toMatch(/^modal \(app agentswarm-test at http/);
    expect(shimPids()).toEqual([]);
    const sandbox = await backend.create({ labels: LABELS });
    const exec = sandbox.exec({ command: ['sleep', '600'] });
    expect(shimPids()).toHaveLength(1);
    expect(await running()).toHaveLength(1);
    await backend[Symbol.asyncDispose]();
    expect((await exec.result).reason).toBe('aborted');
    expect(await running()).toEqual([]);
    expect(shimPids()).toEqual([]);
    expect(recordsIn(root)).toEqual([]);
    await expect(backend.create({ labels: LABELS })).rejects.toMatchObject({ code: 'SANDBOX_TERMINATED' });
  });

  it('loses the command of a shim that was killed, and goes on with the next one', async () => {
    await using backend = backendIn(temporaryFolder('modal'));
    const sandbox = await backend.create({ labels: LABELS });
    await sandbox.writeFile(`${sandbox.paths.workdir}/file`, 'kept');
    const exec = sandbox.exec({ command: ['sh', '-c', 'echo ready; sleep 600'] });
    for await (const line of exec.lines) {
      if (line === 'ready') for (const pid of shimPids()) process.kill(pid, 'SIGKILL');
    }
    expect(await exec.result).toMatchObject({ reason: 'lost', stdout: 'ready\n' });
    const next = await sandbox.exec({ command: ['cat', 'file'] }).result;
    expect(next).toMatchObject({ reason: 'exited', stdout: 'kept' });
    expect(await sandbox.isBusy()).toBe(true);
    expect(await backend.list(LABELS)).toMatchObject([{ id: sandbox.id, state: 'held' }]);
    await sandbox.terminate();
    expect(await running()).toEqual([]);
  });

  it('tells of a sandbox that ended by itself, and forgets it', async () => {
    const root = temporaryFolder('modal');
    await using backend = backendIn(root);
    const sandbox = await backend.create({ labels: LABELS });
    const exec = sandbox.exec({ command: ['sleep', '600'] });
    const [seen] = await running();
    await modal.ask('endSandbox', { sandboxId: seen?.id, status: 'INTERNAL_FAILURE' });
    expect((await exec.result).reason).toBe('aborted');
    await expect.poll(() => recordsIn(root), { timeout: 30_000 }).toEqual([]);
    expect(() => sandbox.exec({ command: ['true'] })).toThrow(
      expect.objectContaining({ code: 'SANDBOX_TERMINATED' }),
    );
    expect(await backend.list(LABELS)).toEqual([]);
    await expect(backend.attach(sandbox.id)).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
  });

  it('leaves a detached sandbox to the next backend, and keeps two backends apart', async () => {
    const root = temporaryFolder('modal');
    const first = backendIn(root);
    const sandbox = await first.create({ labels: LABELS, env: { OWN: 'kept' } });
    {
      await using second = backendIn(root);
      expect(await second.list(LABELS)).toMatchObject([{ id: sandbox.id, state: 'held' }]);
      expect(await second.reap(LABELS, { detached: true })).toBe(0);
      const guest = await second.attach(sandbox.id);
      expect((await guest.exec({ command: ['sh', '-c', 'echo $OWN'] }).result).stdout).toBe('kept\n');
    }
    expect((await sandbox.exec({ command: ['true'] }).result).exitCode).toBe(0);
    await sandbox.detach();
    await first[Symbol.asyncDispose]();
    await using next = backendIn(root);
    expect(await next.list(LABELS)).toMatchObject([{ id: sandbox.id, state: 'detached' }]);
    const own = await next.attach(sandbox.id);
    expect((await own.exec({ command: ['sh', '-c', 'echo $OWN'] }).result).stdout).toBe('kept\n');
    expect(await next.list(LABELS)).toMatchObject([{ id: sandbox.id, state: 'held' }]);
    expect(await next.reap(LABELS)).toBe(1);
    expect(await running()).toEqual([]);
  });

  it('lists and reaps what another machine made, by what the cloud was told', async () => {
    const time = createTestTime();
    await using there = backendIn(temporaryFolder('modal'));
    await using here = backendIn(temporaryFolder('modal'), { time });
    const sandbox = await there.create({ labels: LABELS });
    time.setClock(Date.now() - time.nowMs());
    expect(await here.list(LABELS)).toMatchObject([{ id: sandbox.id, labels: LABELS, state: 'held' }]);
    expect(await here.reap(LABELS, { detached: true })).toBe(0);
    await expect(here.attach(sandbox.id)).rejects.toMatchObject({ code: 'SANDBOX_UNSUPPORTED' });
    time.setClock(30 * MINUTES);
    expect(await here.list(LABELS)).toMatchObject([{ id: sandbox.id, state: 'orphaned' }]);
    expect(await here.reap(LABELS)).toBe(1);
    expect(await running()).toEqual([]);

    time.setClock(-30 * MINUTES);
    await (await there.create({ labels: LABELS, wallTimeoutMs: 10 * MINUTES })).detach();
    expect(await here.list(LABELS)).toMatchObject([{ state: 'detached' }]);
    expect(await here.reap(LABELS)).toBe(0);
    time.setClock(30 * MINUTES);
    expect(await here.reap(LABELS)).toBe(1);
    expect(await there.list(LABELS)).toEqual([]);
  });

  it('renews the lease of what it holds', async () => {
    const time = createTestTime();
    await using backend = backendIn(temporaryFolder('modal'), { time });
    const sandbox = await backend.create({ labels: LABELS });
    const lease = async () => Number((await running())[0]?.tags['agentswarm-lease']);
    const first = await lease();
    await time.pass(5 * MINUTES);
    await expect.poll(lease).toBe(first + 5 * MINUTES);
    expect((await running())[0]?.tags['agentswarm-id']).toBe(sandbox.id);
  });

  it('has secrets in the environment of commands only', async () => {
    const root = temporaryFolder('modal');
    const canary = 'canary-8841-secret';
    await using backend = backendIn(root);
    const spec: SandboxSpec = {
      labels: LABELS,
      secrets: { TOKEN: new Secret(canary) },
      env: { A: 'plain-8842' },
    };
    const sandbox = await backend.create(spec);
    expect(await modal.ask('find', { text: canary })).toEqual([]);
    const exec = sandbox.exec({ command: ['sh', '-c', 'printf %s "$TOKEN" | wc -c'] });
    expect((await exec.result).stdout.trim()).toBe(String(canary.length));
    const texts = filesIn(root).map((file) => readFileSync(file, 'utf8'));
    expect(texts.filter((text) => text.includes(canary))).toEqual([]);
    expect(texts.filter((text) => text.includes('plain-8842'))).toHaveLength(1);
  });

  it('leads commands to the gateway of the host, also after one of them killed the guard', async () => {
    const gatewaySocket = join(temporaryFolder('gateway'), 'gateway.sock');
    const server = createServer((_request, response) => response.end('from the gateway'));
    server.listen(gatewaySocket);
    const told: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (_fields, message) => void told.push(message) };
    await using backend = backendIn(temporaryFolder('modal'), { logger });
    const sandbox = await backend.create({ labels: LABELS, network: 'gateway', gatewaySocket });
    const path = sandbox.gateway?.kind === 'socket' ? sandbox.gateway.path : '';
    const ask = async () =>
      (await sandbox.exec({ command: ['node', '-e', ASK_GATEWAY, path] }).result).stdout;
    expect(await ask()).toBe('from the gateway');
    const script =
      'for p in $(grep -slz "^AGENTSWARM_GUARD=" /proc/[0-9]*/environ); do kill -9 "$(basename "${p%/*}")"; done';
    await sandbox.exec({ command: ['sh', '-c', script] }).result;
    const restarted = 'the guard of a sandbox has ended, another one is started';
    await expect.poll(() => told).toContain(restarted);
    await expect.poll(ask, { timeout: 30_000 }).toBe('from the gateway');
    server.close();
  });

  it('takes the certificates along that the settings of registries name', async () => {
    const folder = temporaryFolder('certificates');
    writeFileSync(join(folder, 'ca.pem'), 'certificate');
    const env = { npm_config_cafile: join(folder, 'ca.pem') };
    await using backend = backendIn(temporaryFolder('modal'), { registry: { env } });
    const sandbox = await backend.create({ labels: LABELS, network: 'registries' });
    const result = await sandbox.exec({ command: ['sh', '-c', 'cat "$npm_config_cafile"'] }).result;
    expect(result).toMatchObject({ stdout: 'certificate', stderr: '' });
  });

  it('puts the dependencies of a commit into its sandboxes', async () => {
    await using source = await createSourceRepository(FILES);
    const env = { npm_config_offline: 'true' };
    await using backend = backendIn(temporaryFolder('modal'), { registry: { env } });
    const spec = { labels: LABELS, source: source.at(source.commit), dependencies: true };
    const sandboxes = await Promise.all([backend.create(spec), backend.create(spec)]);
    for (const sandbox of sandboxes) {
      const { stdout } = await sandbox.exec({ command: ['node', '-p', 'require("dep")'] }).result;
      expect(stdout).toBe('from dep\n');
    }
    expect(await running()).toHaveLength(2);
  });

  it('says what to do when there can be no shim, and does not try again', async () => {
    const root = temporaryFolder('modal');
    const { shim, account } = modalOptions(modal);
    const wrong = { tokenId: new Secret('ak-wrong'), tokenSecret: new Secret('as-wrong') };
    const cases: readonly [Partial<ModalBackendOptions>, string][] = [
      [{ shim: { ...shim, python: '/nonexistent/python' } }, 'NOT_STARTED'],
      [{ shim: { ...shim, folder: '/' } }, 'NOT_STARTED'],
      [{ account: { ...account, credentials: wrong } }, 'UNAUTHENTICATED'],
    ];
    for (const [options, code] of cases) {
      await using backend = backendIn(root, options);
      const refused = { code: 'SANDBOX_REMOTE_REFUSED', details: { shim: code } };
      const creating = backend.create({ labels: LABELS });
      await expect(creating, code).rejects.toMatchObject(refused);
      await expect(creating, code).rejects.toThrow('To mend it');
      await expect(backend.list({}), code).rejects.toMatchObject(refused);
      expect(recordsIn(root)).toEqual([]);
    }
  });
});
