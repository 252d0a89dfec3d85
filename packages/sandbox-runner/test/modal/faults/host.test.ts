import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../../src/conformance/source-repository.ts';
import { resumeTask } from '../../../src/index.ts';
import { temporaryFolder } from '../../local-machine.ts';
import { ATTEMPT, REF } from '../../task-setup.ts';
import { describeWithPython, type FakeModal } from '../fake-modal.ts';
import { modalBackend, startModalMachine } from '../modal-machine.ts';
import type { HostOrder } from './host-parent.ts';
import { ALL_COUNTS, allShims, ownShim, remoteTask, running, shimsOf, until, watch } from './remote-task.ts';

/** Frames after which the process dies; the last is the one that a worker sends when it has handed in. */
const POINTS =
  process.env['TEST_DEEP'] === undefined ? ['5', 'result'] : ['0', '5', '20', '39', '40', 'result'];
const PROGRAM = join(import.meta.dirname, 'host-parent.ts');

describeWithPython('a host of remote sandboxes', () => {
  let modal: FakeModal;
  let source: SourceRepository;
  let root: string;
  let log: string;
  beforeAll(async () => {
    modal = await startModalMachine();
    source = await createSourceRepository();
  });
  afterAll(async () => {
    await modal[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    root = temporaryFolder('host');
    log = join(root, 'log');
    writeFileSync(log, '');
  });

  /** Starts a process that carries an attempt. */
  function startHost(dieAt = '') {
    const host = spawn(process.execPath, ['--conditions=@agentswarm/source', PROGRAM], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    const { repository, commit } = source;
    const order: HostOrder = { hello: modal.hello, root, repository, commit, log, dieAt };
    host.stdin.end(JSON.stringify(order));
    const exited = once(host, 'exit') as Promise<[number | null, string | null]>;
    return { pid: host.pid ?? 0, exited };
  }
  const commandsStarted = async () =>
    ((await modal.ask('calls')) as Record<string, number | undefined>)['TaskExecStart'] ?? 0;
  const seen = () => readFileSync(log, 'utf8').trimEnd().split('\n');
  const counts = (from: number) => ALL_COUNTS.slice(from).map(String);

  it.each(POINTS)('may be killed at %s, and another goes on', async (point) => {
    const host = startHost(point);
    let shims: readonly number[] = [];
    await until(async () => (shims = shimsOf(host.pid)).length > 0);
    expect(await host.exited).toEqual([null, 'SIGKILL']);
    // Its shim hears of it, and leaves the sandbox.
    await until(async () => allShims().every((pid) => !shims.includes(pid)));

    await using backend = modalBackend(modal, { root });
    const [left, ...more] = await backend.list({ attempt: ATTEMPT });
    expect({ state: left?.state, more }).toEqual({ state: 'orphaned', more: [] });
    const { store, timeoutMs } = remoteTask(backend, source, 'talksSlowly');
    const terms = { attemptId: ATTEMPT, base: source.commit, branch: source.at(source.commit).branch };
    const before = await commandsStarted();
    const run = resumeTask({ backend, sandboxId: left?.id ?? '', terms, store, timeoutMs });
    // As if that were not enough, the next shim dies while the sandbox is taken over.
    await until(async () => (await commandsStarted()) > before);
    process.kill(ownShim(), 'SIGKILL');
    const { counts: again, result } = await watch(run);
    expect({ again, result }).toMatchObject({ again: ALL_COUNTS, result: { status: 'handed_off' } });
    expect(result).toMatchObject({ head: await source.git('rev-parse', REF) });
    expect(seen()).toEqual(counts(0).slice(0, seen().length));
    await leavesNothing(backend);
  });

  it('may be killed, and what it left is reaped by anybody', async () => {
    expect(await startHost('5').exited).toEqual([null, 'SIGKILL']);
    await using backend = modalBackend(modal, { root });
    expect(await backend.reap({ attempt: ATTEMPT })).toBe(1);
    await leavesNothing(backend);
  });

  it('may fall asleep with its shim, while connections break', async () => {
    const host = startHost();
    await until(async () => seen().includes('5'));
    const pids = [host.pid, ...shimsOf(host.pid)];
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    await modal.ask('expireTokens');
    await modal.ask('fault', { rpc: 'TaskExecStdioRead', kind: 'cut', afterBytes: 1 });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    expect(await host.exited).toEqual([0, null]);
    expect(seen()).toEqual([...counts(0), 'handed_off']);
    expect(await running(modal)).toEqual([]);
  });

  async function leavesNothing(backend: ReturnType<typeof modalBackend>): Promise<void> {
    expect(await backend.list({})).toEqual([]);
    expect(await running(modal)).toEqual([]);
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => name.includes('sbx-'))).toEqual([]);
  }
});
