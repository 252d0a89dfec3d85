import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../../src/conformance/source-repository.ts';
import { runTask } from '../../../src/index.ts';
import { findLabelledProcesses, sandboxLabel } from '../../../src/process/process-table.ts';
import { REF } from '../../task-setup.ts';
import { describeWithPython, type FakeModal } from '../fake-modal.ts';
import { modalBackend, startModalMachine } from '../modal-machine.ts';
import { ALL_COUNTS, ownShim, remoteTask, running, until, watch } from './remote-task.ts';

describeWithPython('a shim that is killed', () => {
  let modal: FakeModal;
  let source: SourceRepository;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agentswarm-killed-'));
    modal = await startModalMachine();
    source = await createSourceRepository();
  });
  afterAll(async () => {
    await modal[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it('costs no frame, no commit and no handoff of the attempt, each time', async () => {
    await using backend = modalBackend(modal);
    const run = runTask(remoteTask(backend, source, 'talksSlowly'));
    const killed = new Set<number>();
    const { counts, result } = await watch(run, (count) => {
      if (![4, 19, 40].includes(count)) return;
      const pid = ownShim();
      killed.add(pid);
      process.kill(pid, 'SIGKILL');
    });
    expect({ counts, result }).toMatchObject({ counts: ALL_COUNTS, result: { status: 'handed_off' } });
    expect(result).toMatchObject({ head: await source.git('rev-parse', REF) });
    expect(killed.size).toBe(3);
    expect(await running(modal)).toEqual([]);
    expect(await backend.list({})).toEqual([]);
  });

  it('breaks what is done with files in a way that can be tried again', async () => {
    await using backend = modalBackend(modal);
    await using sandbox = await backend.create({
      labels: { run: 'run-files', purpose: 'command' },
      source: source.at(source.commit),
    });
    const { workdir, control } = sandbox.paths;
    const script = `cd ${workdir}; echo x >new; git add .; git commit -qm new; git push -q ${sandbox.paths.intake} HEAD`;
    expect(await sandbox.exec({ command: ['sh', '-c', script] }).result).toMatchObject({ exitCode: 0 });
    const [up, down] = [join(folder, 'up'), join(folder, 'down')];
    for (const each of [up, down]) await mkdir(each);
    await writeFile(join(up, 'file'), 'content');
    const target = { repository: source.repository, ref: 'refs/agentswarm/files/1' };
    const act = (attempt: string) => [
      sandbox.writeFile(`${control}/file`, 'content'),
      sandbox.readFile(`${workdir}/new`).then((read) => expect(String(read)).toBe('x\n')),
      sandbox.isBusy(),
      sandbox.collect(target),
      sandbox.upload(up, `${workdir}/${attempt}`),
      sandbox.download(workdir, join(down, attempt)),
    ];
    const first = act('first');
    process.kill(ownShim(), 'SIGKILL');
    const lost = { status: 'rejected', reason: { traits: { kind: 'transient', retryable: true } } };
    const ends = await Promise.allSettled(first);
    const broken = ends.filter(({ status }) => status === 'rejected');
    // The last ones begin on the host, and may find the next shim already.
    expect(broken.length).toBeGreaterThanOrEqual(3);
    for (const end of broken) expect(end).toMatchObject(lost);
    await Promise.all(act('second'));
    const downloads = await readdir(down);
    expect(downloads.filter((name) => name !== 'first')).toEqual(['second']);
    expect(await source.git('show', `${target.ref}:new`)).toBe('x');
  });

  it('leaves no command that waits for input that never comes', async () => {
    await using backend = modalBackend(modal);
    await using sandbox = await backend.create({ labels: { run: 'run-input', purpose: 'command' } });
    async function* halting() {
      yield Buffer.from('first\n');
      await new Promise(() => undefined);
    }
    const exec = sandbox.exec({ command: ['sh', '-c', 'head -n 1; cat; sleep 600'], stdin: halting() });
    for await (const line of exec.lines) {
      expect(line).toBe('first');
      process.kill(ownShim(), 'SIGKILL');
    }
    expect((await exec.result).reason).toBe('lost');
    expect(await sandbox.isBusy()).toBe(false);
    expect(await findLabelledProcesses(sandboxLabel(sandbox.id))).toEqual([]);
  });

  it.each(['is asked for', 'exists'])('leaves no sandbox where one %s', async (point) => {
    await modal.ask('reset');
    // Long enough for the shim to be killed before the sandbox can run anything.
    if (point === 'exists') await modal.ask('limits', { startDelayS: 1 });
    else await modal.ask('fault', { rpc: 'SandboxCreate', kind: 'hang' });
    await using backend = modalBackend(modal);
    const making = backend.create({ labels: { run: 'run-made', purpose: 'command' } });
    const killing = until(async () => {
      if (point === 'exists') return (await running(modal)).length > 0;
      const { SandboxCreate = 0 } = (await modal.ask('calls')) as Record<string, number>;
      return SandboxCreate > 0;
    }).then(() => process.kill(ownShim(), 'SIGKILL'));
    await expect(making).rejects.toMatchObject({ traits: { retryable: true } });
    await killing;
    expect(await running(modal)).toEqual([]);
    expect(await backend.list({})).toEqual([]);
  });
});
