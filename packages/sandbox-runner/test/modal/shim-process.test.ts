import { execFileSync } from 'node:child_process';
import { Secret, silentLogger } from '@agentswarm/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StreamEvent } from '../../src/modal/shim/stream-listeners.ts';
import { startShimProcess } from '../../src/modal/shim/shim-process.ts';
import {
  describeWithPython,
  infraFolder,
  python,
  shimOf,
  startFakeModal,
  type FakeModal,
} from './fake-modal.ts';

const CREATE = { timeoutMs: 600_000, network: { kind: 'none' }, tags: { run: 'run-shim' } } as const;

describeWithPython('the Modal shim', () => {
  let modal: FakeModal;
  beforeAll(async () => {
    modal = await startFakeModal();
  });
  afterAll(() => modal[Symbol.asyncDispose]());

  it('makes sandboxes, runs commands in them, and ends them when told so', async () => {
    const notices: string[] = [];
    await using shim = await shimOf(modal, { onNotice: ({ method }) => notices.push(method) });
    const { connection } = shim;
    const { sandboxId } = await connection.call('sandbox.create', CREATE);
    const { promise, resolve } = Promise.withResolvers<void>();
    const events: StreamEvent[] = [];
    await connection.call(
      'exec.start',
      { sandboxId, command: ['sh', '-c', 'echo hi; exit 3'], timeoutMs: 60_000, creditBytes: 1000 },
      {
        onResult: ({ execId }) =>
          connection.listen(execId, (event) => {
            events.push(event);
            if (event.kind !== 'data') resolve();
          }),
      },
    );
    await promise;
    expect(events).toEqual([
      { kind: 'data', stream: 'stdout', bytes: Buffer.from('hi\n') },
      { kind: 'exec_end', end: { reason: 'exited', exitCode: 3 } },
    ]);
    expect(notices).toContain('sandbox.created');
    expect(await shim.close('terminate')).toBe(1);
    await expect(connection.call('sandbox.poll', { sandboxId })).rejects.toMatchObject({
      code: 'SANDBOX_REMOTE_UNAVAILABLE',
    });
  });

  it('fails what was under way when the shim dies, and the next one finds the sandbox', async () => {
    const tags = { run: 'run-killed' };
    await using first = await shimOf(modal);
    const { sandboxId } = await first.connection.call('sandbox.create', { ...CREATE, tags });
    const lost = Promise.withResolvers<StreamEvent>();
    const { execId } = await first.connection.call(
      'exec.start',
      { sandboxId, command: ['sleep', '600'], timeoutMs: 600_000, creditBytes: 1000 },
      { onResult: (started) => first.connection.listen(started.execId, lost.resolve) },
    );
    const waiting = first.connection.call('exec.wait', { execId });
    await first[Symbol.asyncDispose]();
    const unavailable = { code: 'SANDBOX_REMOTE_UNAVAILABLE', traits: { retryable: true } };
    await expect(waiting).rejects.toMatchObject(unavailable);
    expect(await lost.promise).toMatchObject({ kind: 'lost', error: unavailable });

    await using second = await shimOf(modal);
    const found = await second.connection.call('sandbox.list', { tags });
    expect(found.sandboxes.map((sandbox) => sandbox.sandboxId)).toEqual([sandboxId]);
    expect(await second.connection.call('sandbox.attach', { sandboxId })).toMatchObject({ running: true });
    expect(await second.close('terminate')).toBe(1);
  });

  it('says that the account is refused, and leaves no process', async () => {
    const credentials = { tokenId: new Secret('ak-wrong'), tokenSecret: new Secret('as-wrong-canary') };
    const opening = shimOf(modal, { credentials });
    await expect(opening).rejects.toMatchObject({
      code: 'SANDBOX_REMOTE_REFUSED',
      traits: { retryable: false },
      details: { shim: 'UNAUTHENTICATED' },
    });
    const arguments_ = execFileSync('ps', ['-A', '-o', 'args'], { encoding: 'utf8' });
    expect(arguments_).not.toContain('as-wrong-canary');
  });

  it('says why there is no shim when it cannot start', async () => {
    const how = { folder: infraFolder, env: {}, silenceMs: 60_000, onNotice: () => undefined };
    await using missing = startShimProcess({ ...how, python: '/nonexistent/python', logger: silentLogger });
    await expect(missing.connection.call('hello', { schemaVersion: 2 })).rejects.toMatchObject({
      code: 'SANDBOX_REMOTE_UNAVAILABLE',
      message: expect.stringContaining('could not be started') as string,
    });
    await using elsewhere = startShimProcess({ ...how, folder: '/', python, logger: silentLogger });
    await expect(elsewhere.connection.call('hello', { schemaVersion: 2 })).rejects.toMatchObject({
      details: { stderr: expect.stringContaining('No module named modal_shim') as string },
    });
  });

  it('ends a shim that is silent', async () => {
    await using shim = startShimProcess({
      python,
      folder: infraFolder,
      env: {},
      silenceMs: 200,
      onNotice: () => undefined,
      logger: silentLogger,
    });
    await shim.ended;
    await expect(shim.connection.call('hello', { schemaVersion: 2 })).rejects.toMatchObject({
      message: expect.stringContaining('SIGKILL') as string,
    });
  });
});
