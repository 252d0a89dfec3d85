import type { SandboxBackend } from '@agentswarm/core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../../src/conformance/source-repository.ts';
import { runTask } from '../../../src/index.ts';
import { REF } from '../../task-setup.ts';
import { describeWithPython, type FakeModal } from '../fake-modal.ts';
import { modalBackend, startModalMachine } from '../modal-machine.ts';
import { ALL_COUNTS, remoteTask, running, until, watch } from './remote-task.ts';

const labels = { run: 'run-service', purpose: 'command' } as const;

describeWithPython('a service that fails for a while', () => {
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
  beforeEach(async () => {
    await modal.ask('reset');
    backend = modalBackend(modal);
  });
  afterEach(async () => {
    await modal.ask('clearFaults');
    await backend[Symbol.asyncDispose]();
    expect(await running(modal)).toEqual([]);
  });

  const fault = (rpc: string, fields: object) => modal.ask('fault', { rpc, ...fields });
  const refuse = (rpc: string, status: string, fields: object = {}) =>
    fault(rpc, { kind: 'refuse', status, ...fields });
  const counted = async (rpc: string) =>
    ((await modal.ask('calls')) as Record<string, number | undefined>)[rpc] ?? 0;

  /** An attempt, which nothing of it may cost a frame or a commit. */
  async function succeeds(options = remoteTask(backend, source, 'talks'), onCount?: () => unknown) {
    const { counts, result } = await watch(runTask(options), (count) => count === 5 && onCount?.());
    expect({ counts, result }).toMatchObject({ counts: ALL_COUNTS, result: { status: 'handed_off' } });
    expect(result).toMatchObject({ head: await source.git('rev-parse', REF) });
  }

  it('may limit the rate of creates, saying when to come again or not', async () => {
    await refuse('SandboxCreate', 'RESOURCE_EXHAUSTED', { retryAfterS: 0.2, times: 2 });
    await refuse('SandboxCreate', 'RESOURCE_EXHAUSTED', { times: 2 });
    await succeeds();
    expect(await counted('SandboxCreate')).toBe(5);
  });

  it('may have no room, until there is', async () => {
    await modal.ask('limits', { maxSandboxes: 1 });
    const first = await backend.create({ labels });
    const second = backend.create({ labels });
    await until(async () => (await counted('SandboxCreate')) > 2);
    await first.terminate();
    expect((await second).id).not.toBe(first.id);
    const given = new AbortController();
    const third = backend.create({ labels }, { signal: given.signal });
    const before = await counted('SandboxCreate');
    await until(async () => (await counted('SandboxCreate')) > before);
    given.abort(new Error('nobody waits any more'));
    await expect(third).rejects.toThrow('nobody waits any more');
    expect((await backend.list({})).map(({ id }) => id)).toEqual([(await second).id]);
  });

  it('may start sandboxes slowly', async () => {
    await modal.ask('limits', { startDelayS: 1 });
    await succeeds();
  });

  it('may be out of reach for a list, a command, a wait and an end', async () => {
    for (const rpc of ['SandboxList', 'SandboxTagsGet', 'SandboxTerminate', 'SandboxWait']) {
      await refuse(rpc, 'UNAVAILABLE', { times: 2 });
    }
    for (const rpc of ['TaskExecStart', 'TaskExecStdioRead', 'TaskExecWait', 'TaskExecStdinWrite']) {
      await refuse(rpc, 'UNAVAILABLE', { times: 3, skip: 2 });
    }
    await succeeds();
    expect(await backend.list({})).toEqual([]);
  });

  it('may do what it was told without saying so', async () => {
    for (const rpc of ['SandboxCreate', 'TaskExecStart', 'TaskExecStdinWrite', 'SandboxTerminate']) {
      await refuse(rpc, 'UNAVAILABLE', { when: 'after' });
    }
    await succeeds();
  });

  it('may not be told of an end, which is then asked for again', async () => {
    const sandbox = await backend.create({ labels });
    await refuse('SandboxTerminate', 'PERMISSION_DENIED');
    await expect(sandbox.terminate()).rejects.toMatchObject({ code: 'SANDBOX_REMOTE_REFUSED' });
    expect(() => sandbox.exec({ command: ['true'] })).toThrow('has ended');
    // Any process may reap it now.
    expect(await backend.list({})).toMatchObject([{ id: sandbox.id, state: 'detached' }]);
    await sandbox.terminate();
    expect(await backend.list({})).toEqual([]);
  });

  it('may never answer the first call, which nobody has to wait for', async () => {
    await fault('ClientHello', { kind: 'hang', times: null });
    const given = new AbortController();
    const first = backend.create({ labels }, { signal: given.signal });
    await until(async () => (await counted('ClientHello')) > 0);
    given.abort(new Error('nobody waits any more'));
    await expect(first).rejects.toThrow('nobody waits any more');
    const second = expect(backend.create({ labels })).rejects.toMatchObject({ code: 'SANDBOX_TERMINATED' });
    await backend[Symbol.asyncDispose]();
    await second;
  });

  it('may start no command in a sandbox that nobody waits for any more', async () => {
    await fault('TaskExecStart', { kind: 'hang', times: null });
    const given = new AbortController();
    const making = backend.create({ labels }, { signal: given.signal });
    await until(async () => (await counted('TaskExecStart')) > 0);
    given.abort(new Error('nobody waits any more'));
    await expect(making).rejects.toThrow('nobody waits any more');
    expect(await running(modal)).toEqual([]);
  });

  it('may have a guard that does not get ready, which nobody has to wait for', async () => {
    await using slow = modalBackend(modal, { guardCommand: ['sh', '-c', 'sleep 600'] });
    const given = new AbortController();
    const making = slow.create({ labels }, { signal: given.signal });
    await until(async () => (await counted('TaskExecStart')) > 1);
    given.abort(new Error('nobody waits any more'));
    await expect(making).rejects.toThrow('nobody waits any more');
    expect(await running(modal)).toEqual([]);
  });

  it('may refuse tokens that it gave', async () => {
    await succeeds(remoteTask(backend, source, 'talksSlowly'), () => modal.ask('expireTokens'));
  });

  it('says clearly that it is down, leaves nothing, and is used again afterwards', async () => {
    await using sandbox = await backend.create({ labels });
    for (const rpc of ['SandboxCreate', 'SandboxList']) {
      await refuse(rpc, 'PERMISSION_DENIED', { times: null, message: 'not this account' });
    }
    const refused = { code: 'SANDBOX_REMOTE_REFUSED', traits: { retryable: false } };
    await expect(backend.create({ labels })).rejects.toMatchObject(refused);
    await expect(backend.list({})).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('not this account') as string,
    });
    await modal.ask('clearFaults');
    expect((await backend.list({})).map(({ id }) => id)).toEqual([sandbox.id]);
    expect(await backend.reap({})).toBe(1);
  });
});
