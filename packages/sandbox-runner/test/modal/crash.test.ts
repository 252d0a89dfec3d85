import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../local-machine.ts';
import type { PlainOptions } from './crash-parent.ts';
import { describeWithPython, type FakeModal } from './fake-modal.ts';
import { modalBackend, modalOptions, startModalMachine } from './modal-machine.ts';

const RUN = { run: 'run-crash' };

describeWithPython('a Modal backend whose process was killed', () => {
  let modal: FakeModal;
  beforeAll(async () => {
    modal = await startModalMachine();
  });
  beforeEach(() => modal.ask('reset'));
  afterAll(() => modal[Symbol.asyncDispose]());

  const running = async () => {
    const all = (await modal.ask('sandboxes')) as readonly { readonly status: string }[];
    return all.filter(({ status }) => status === 'running').length;
  };

  /** Gives the sandbox of a process that is killed. */
  async function orphan(root: string): Promise<string> {
    const { account: _account, ...plain } = modalOptions(modal, { root });
    const options: PlainOptions = { ...plain, ...modal.hello };
    const script = join(import.meta.dirname, 'crash-parent.ts');
    const parent = spawn(
      process.execPath,
      ['--conditions=@agentswarm/source', script, JSON.stringify(options)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    return line.toString().trim().split(' ')[1] ?? '';
  }

  /** The only record in a root. */
  function recordIn(root: string): string {
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    return join(root, files.find((name) => name.endsWith('.json')) ?? '');
  }

  it('is followed by one that takes its sandbox over, with its files and what still runs', async () => {
    const root = temporaryFolder('modal');
    const id = await orphan(root);
    await using backend = modalBackend(modal, { root });
    expect(await backend.list(RUN)).toMatchObject([{ id, state: 'orphaned' }]);
    const sandbox = await backend.attach(id);
    expect(await backend.list(RUN)).toMatchObject([{ id, state: 'held' }]);
    expect(await sandbox.isBusy()).toBe(true);
    expect((await sandbox.exec({ command: ['cat', 'file'] }).result).stdout).toBe('kept');
    await sandbox.terminate();
    expect(await running()).toBe(0);
    expect(await backend.list({})).toEqual([]);
  });

  it('has its sandbox reaped, and no other', async () => {
    const root = temporaryFolder('modal');
    await orphan(root);
    await using backend = modalBackend(modal, { root });
    expect(await backend.reap({ run: 'run-other' })).toBe(0);
    expect(await backend.reap(RUN)).toBe(1);
    expect(await running()).toBe(0);
    expect(await backend.list({})).toEqual([]);
  });

  it('leaves a sandbox that is found even if its name in the cloud was never recorded', async () => {
    const root = temporaryFolder('modal');
    const id = await orphan(root);
    const file = recordIn(root);
    const {
      remoteId: _name,
      made: _made,
      ...record
    } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify(record));
    await using backend = modalBackend(modal, { root });
    expect(await backend.list(RUN)).toMatchObject([{ id, state: 'orphaned' }]);
    await expect(backend.attach(id)).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
    expect(await backend.reap(RUN)).toBe(1);
    expect(await running()).toBe(0);
  });

  it('leaves a record that is forgotten where there is no sandbox', async () => {
    const root = temporaryFolder('modal');
    await orphan(root);
    await modal.ask('reset');
    await using backend = modalBackend(modal, { root });
    expect(await backend.reap(RUN)).toBe(0);
    expect(await backend.list(RUN)).toEqual([]);
    expect(recordIn(root)).toBe(root);
  });

  it('leaves a sandbox without a record to its lease', async () => {
    const root = temporaryFolder('modal');
    const id = await orphan(root);
    const file = recordIn(root);
    renameSync(file, `${file}.lost`);
    await using backend = modalBackend(modal, { root });
    expect(await backend.list(RUN)).toMatchObject([{ id, state: 'held' }]);
    expect(await backend.reap(RUN, { detached: true })).toBe(0);
    expect(await running()).toBe(1);
  });
});
