import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Secret } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { findLabelledProcesses, sandboxLabel } from '../src/process/process-table.ts';
import { ISOLATIONS, localBackend, temporaryFolder } from './local-machine.ts';
import { createTestTime } from './test-time.ts';

/** A process that works with the sandboxes of a root, line by line. */
function start(program: string, ...args: string[]) {
  const script = join(import.meta.dirname, program);
  const child = spawn(process.execPath, ['--conditions=@agentswarm/source', script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    tell: () => child.stdin.write('go\n'),
    line: async () => String((await lines.next()).value),
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

const LABELS = { run: 'run-attach', purpose: 'command' } as const;
const LABELS_OF_CRASH = { run: 'run-crash' } as const;

describe.each(ISOLATIONS)('attaching with isolation %s', (isolation) => {
  /** A sandbox whose process was killed. */
  async function orphan(root: string): Promise<string> {
    const parent = start('crash-parent.ts', root, isolation);
    const id = (await parent.line()).split(' ')[1] ?? '';
    await parent.kill();
    return id;
  }

  it('takes over the sandbox of a dead process, with its files and what still runs', async () => {
    const root = temporaryFolder('orphan');
    const id = await orphan(root);
    await using backend = localBackend(isolation, { root });
    expect(await backend.list(LABELS_OF_CRASH)).toMatchObject([{ id, state: 'orphaned' }]);
    const sandbox = await backend.attach(id);
    expect(await backend.list(LABELS_OF_CRASH)).toMatchObject([{ id, state: 'held' }]);
    if (isolation === 'none') expect(await sandbox.isBusy()).toBe(true);
    expect((await sandbox.exec({ command: ['echo', 'on'] }).result).stdout).toBe('on\n');
    await sandbox.terminate();
    expect(await findLabelledProcesses(sandboxLabel(id))).toEqual([]);
    expect(readdirSync(join(root, 'sandboxes'))).toEqual([]);
  });

  it('makes one owner of several processes that attach at once', async () => {
    const root = temporaryFolder('race');
    const id = await orphan(root);
    writeFileSync(join(root, 'sandboxes', id, 'repo', 'file'), 'content');
    const rivals = Array.from({ length: 4 }, () => start('attach-parent.ts', root, isolation, id));
    for (const rival of rivals) expect(await rival.line()).toBe('ready');
    for (const rival of rivals) rival.tell();
    expect(await Promise.all(rivals.map((rival) => rival.line()))).toEqual(
      rivals.map(() => 'attached content'),
    );
    const [name = ''] = readdirSync(join(root, 'sandboxes')).filter((found) => found.endsWith('.json'));
    const record = JSON.parse(readFileSync(join(root, 'sandboxes', name), 'utf8')) as {
      owner: { pid: number };
    };
    const owner = rivals.find(({ child }) => child.pid === record.owner.pid);
    for (const guest of rivals.filter((rival) => rival !== owner)) {
      guest.tell();
      expect(await guest.line()).toBe('disposed');
      expect(existsSync(join(root, 'sandboxes', id))).toBe(true);
    }
    owner?.tell();
    expect(await owner?.line()).toBe('disposed');
    expect(readdirSync(join(root, 'sandboxes'))).toEqual([]);
  });

  it('is a guest where another process lives, and can end it for that too', async () => {
    const root = temporaryFolder('guest');
    const parent = start('crash-parent.ts', root, isolation);
    const id = (await parent.line()).split(' ')[1] ?? '';
    await using backend = localBackend(isolation, { root });
    {
      await using guest = await backend.attach(id);
      expect(await guest.isBusy()).toBe(true);
      expect((await guest.exec({ command: ['echo', 'hello'] }).result).stdout).toBe('hello\n');
    }
    expect((await findLabelledProcesses(sandboxLabel(id))).length).toBeGreaterThan(1);
    const ended = once(parent.child, 'exit');
    await (await backend.attach(id)).terminate();
    expect(readdirSync(join(root, 'sandboxes'))).toEqual([]);
    // Its command has ended, and with it the program.
    await ended;
    expect(await findLabelledProcesses(sandboxLabel(id))).toEqual([]);
  });

  it('keeps two backends of one process apart', async () => {
    const root = temporaryFolder('two');
    await using one = localBackend(isolation, { root });
    const sandbox = await one.create({ labels: LABELS });
    {
      await using two = localBackend(isolation, { root });
      expect(await two.list(LABELS)).toMatchObject([{ id: sandbox.id, state: 'held' }]);
      expect(await two.reap(LABELS)).toBe(0);
      const guest = await two.attach(sandbox.id);
      expect((await guest.exec({ command: ['true'] }).result).exitCode).toBe(0);
    }
    expect((await sandbox.exec({ command: ['true'] }).result).exitCode).toBe(0);
    await sandbox.detach();
    await using three = localBackend(isolation, { root });
    const own = await three.attach(sandbox.id);
    await one[Symbol.asyncDispose]();
    expect((await own.exec({ command: ['true'] }).result).exitCode).toBe(0);
  });

  it('leaves detached sandboxes when its backend ends, and no process', async () => {
    const root = temporaryFolder('left');
    const backend = localBackend(isolation, { root });
    const sandbox = await backend.create({ labels: LABELS });
    const exec = sandbox.exec({ command: ['sleep', '600'] });
    await sandbox.detach();
    expect((await exec.result).reason).toBe('aborted');
    await backend[Symbol.asyncDispose]();
    await using next = localBackend(isolation, { root });
    expect(await next.list(LABELS)).toMatchObject([{ id: sandbox.id, state: 'detached' }]);
    expect(await next.reap({}, { detached: true })).toBe(1);
  });

  it('leaves a sandbox that cannot be opened as it was', async () => {
    const root = temporaryFolder('unopened');
    const time = createTestTime();
    await using backend = localBackend(isolation, { root, time });
    const spec = { labels: LABELS, network: 'open', idleTimeoutMs: 60_000 } as const;
    const sandbox = await backend.create(spec);
    await sandbox.detach();
    rmSync(join(root, 'ports'), { recursive: true });
    writeFileSync(join(root, 'ports'), 'no folder');
    await expect(backend.attach(sandbox.id)).rejects.toThrow('EEXIST');
    expect(await backend.list(LABELS)).toMatchObject([{ state: 'detached' }]);
    expect(await backend.reap({})).toBe(0);
    await time.pass(60_000);
    expect(await backend.reap({})).toBe(1);
  });

  it('counts the time of a detached sandbox by no clock that can be set', async () => {
    const root = temporaryFolder('clock');
    const time = createTestTime();
    const limits = { labels: LABELS, wallTimeoutMs: 60_000 };
    await using backend = localBackend(isolation, { root, time });
    await (await backend.create(limits)).detach();
    time.setClock(86_400_000);
    expect(await backend.reap({})).toBe(0);
    time.setClock(-10 * 86_400_000);
    await time.pass(60_000);
    // Another process of the same start of the machine counts the same.
    expect(await backend.reap({})).toBe(1);
    // After another start, only the clock can tell.
    await (await backend.create(limits)).detach();
    const later = createTestTime('another start');
    await using restarted = localBackend(isolation, { root, time: later });
    expect(await restarted.reap({})).toBe(1);
  });

  it('reports the record of another version, and leaves its sandbox alone', async () => {
    const root = temporaryFolder('version');
    const folder = join(root, 'sandboxes');
    mkdirSync(join(folder, 'sbx-future'), { recursive: true });
    writeFileSync(join(folder, 'sbx-future.7.json'), '{"v":99,"id":"sbx-future"}');
    writeFileSync(join(folder, 'sbx-broken.1.json'), '{');
    await using backend = localBackend(isolation, { root });
    expect(await backend.list({})).toEqual([]);
    expect(await backend.reap({}, { detached: true })).toBe(0);
    await expect(backend.attach('sbx-future')).rejects.toMatchObject({ code: 'SANDBOX_UNSUPPORTED' });
    expect(readdirSync(folder).toSorted()).toEqual(['sbx-broken.1.json', 'sbx-future', 'sbx-future.7.json']);
  });

  it('has no secret in its record or folders', async () => {
    const root = temporaryFolder('secret');
    await using backend = localBackend(isolation, { root });
    const secrets = { TOKEN: new Secret('canary-5513') };
    const sandbox = await backend.create({ labels: LABELS, secrets, env: { SHOWN: 'plain-5514' } });
    const exec = sandbox.exec({ command: ['sh', '-c', 'printf %s "$TOKEN" | wc -c'] });
    expect((await exec.result).stdout.trim()).toBe('11');
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    const texts = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
    expect(texts.filter((text) => text.includes('canary-5513'))).toEqual([]);
    expect(texts.filter((text) => text.includes('plain-5514'))).toHaveLength(1);
  });
});
