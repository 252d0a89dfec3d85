import type { SandboxBackend, TaskResult } from '@agentswarm/core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../../src/conformance/source-repository.ts';
import { runTask } from '../../../src/index.ts';
import { findLabelledProcesses, sandboxLabel } from '../../../src/process/process-table.ts';
import { REF } from '../../task-setup.ts';
import { describeWithPython, type FakeModal } from '../fake-modal.ts';
import { modalBackend, startModalMachine } from '../modal-machine.ts';
import { remoteTask, running, watch } from './remote-task.ts';

describeWithPython('a remote sandbox that is gone', () => {
  let modal: FakeModal;
  let source: SourceRepository;
  let backend: SandboxBackend;
  beforeAll(async () => {
    modal = await startModalMachine();
    source = await createSourceRepository();
  });
  afterAll(async () => {
    await modal[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    backend = modalBackend(modal);
  });
  afterEach(() => backend[Symbol.asyncDispose]());

  /** A slow attempt to whose sandbox something is done once it has handed in a commit. */
  async function harm(act: (remoteId: string, id: string) => Promise<unknown>): Promise<TaskResult> {
    const run = runTask(remoteTask(backend, source, 'talksSlowly'));
    const { result } = await watch(run, async (count) => {
      if (count !== 21) return;
      const [sandbox] = await running(modal);
      await act(sandbox?.id ?? '', await run.sandboxId);
    });
    expect(await running(modal)).toEqual([]);
    expect(await backend.list({})).toEqual([]);
    expect(await findLabelledProcesses(sandboxLabel(await run.sandboxId))).toEqual([]);
    return result;
  }

  it.each([
    { status: 'TIMEOUT' },
    { status: 'INTERNAL_FAILURE', exception: 'the machine died' },
    { status: 'TERMINATED', forget: true },
  ])('ends its attempt, which is no fault of the worker: %j', async (end) => {
    const result = await harm((sandboxId) => modal.ask('endSandbox', { sandboxId, ...end }));
    expect(result).toMatchObject({
      status: 'failed',
      reason: 'sandbox_failed',
      message: expect.stringMatching(/sandbox .*(ended|gone)/) as string,
    });
  });

  it('is told from one that forgot its commands, where the attempt goes on', async () => {
    const result = await harm((sandboxId) => modal.ask('loseExecs', { sandboxId }));
    expect(result).toMatchObject({ status: 'handed_off', head: await source.git('rev-parse', REF) });
  });

  it('is told from one that lost its commands, whose work is kept', async () => {
    const result = await harm(async (sandboxId, id) => {
      await modal.ask('loseExecs', { sandboxId });
      for (const pid of await findLabelledProcesses(sandboxLabel(id))) process.kill(pid, 'SIGKILL');
    });
    expect(result).toMatchObject({ status: 'failed', reason: 'worker_died' });
    expect(result).toMatchObject({ head: await source.git('rev-parse', REF) });
  });

  it('is gone for every handle, and leaves no record', async () => {
    const labels = { run: 'run-gone', purpose: 'command' } as const;
    const sandbox = await backend.create({ labels });
    const guest = await backend.attach(sandbox.id);
    const command = sandbox.exec({ command: ['sleep', '600'] });
    const following = guest.follow(`${guest.paths.control}/never`, { signal: new AbortController().signal });
    const followed = Array.fromAsync(following);
    const [{ id: sandboxId } = { id: '' }] = await running(modal);
    await modal.ask('endSandbox', { sandboxId, status: 'TIMEOUT' });
    expect(await command.result).toMatchObject({ reason: 'aborted' });
    expect(await followed).toEqual([]);
    await expect(guest.readFile(`${guest.paths.control}/file`)).rejects.toMatchObject({
      code: 'SANDBOX_TERMINATED',
      traits: { retryable: false },
    });
    await sandbox.terminate();
    await expect(backend.attach(sandbox.id)).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
    expect(await backend.list({})).toEqual([]);
  });
});
