import { silentLogger } from '@agentswarm/core';
import { expect, it } from 'vitest';
import { createTestTime } from '../../../test/test-time.ts';
import { SandboxError } from '../../errors.ts';
import { ShimConnection } from './shim-connection.ts';
import { createShimKeeper } from './shim-keeper.ts';
import type { ShimProcess } from './shim-process.ts';

/** Shims that answer every attach, and end when told to. */
function shims(failures: readonly (SandboxError | undefined)[] = []) {
  const opened: { readonly end: () => void; readonly sent: string[]; closed: boolean }[] = [];
  let attempts = 0;
  const open = async (): Promise<ShimProcess> => {
    const failure = failures[attempts++];
    if (failure !== undefined) throw failure;
    const over = Promise.withResolvers<void>();
    const sent: string[] = [];
    const connection = new ShimConnection({
      send: (line) => {
        const { id, method, params } = JSON.parse(line) as {
          id: number;
          method: string;
          params: { sandboxId: string };
        };
        sent.push(`${method} ${params.sandboxId}`);
        const result = { sandboxId: params.sandboxId, running: params.sandboxId !== 'sb-ended' };
        queueMicrotask(() => connection.receive(JSON.stringify({ jsonrpc: '2.0', id, result })));
      },
      onNotice: () => undefined,
      onBroken: () => undefined,
    });
    const shim = { end: over.resolve, sent, closed: false };
    opened.push(shim);
    const close = async () => {
      shim.closed = true;
      over.resolve();
      return 0;
    };
    return { connection, ended: over.promise, close, [Symbol.asyncDispose]: async () => over.resolve() };
  };
  return { open, opened, attempts: () => attempts };
}

const unavailable = () => new SandboxError('SANDBOX_REMOTE_UNAVAILABLE', 'not now');
const refused = () => new SandboxError('SANDBOX_REMOTE_REFUSED', 'never');

it('starts one shim for all who ask, and tells it of a sandbox once', async () => {
  const { open, opened } = shims();
  const keeper = createShimKeeper({ open, time: createTestTime(), logger: silentLogger });
  expect(opened).toHaveLength(0);
  await Promise.all([keeper.connectTo('sb-1'), keeper.connectTo('sb-1'), keeper.connect()]);
  const connection = await keeper.connectTo('sb-1');
  keeper.knows(connection, 'sb-2');
  await keeper.connectTo('sb-2');
  expect(opened.map(({ sent }) => sent)).toEqual([['sandbox.attach sb-1']]);
  await expect(keeper.connectTo('sb-ended')).rejects.toMatchObject({ code: 'SANDBOX_TERMINATED' });
  await keeper[Symbol.asyncDispose]();
  expect(opened[0]?.closed).toBe(true);
  await expect(keeper.connect()).rejects.toMatchObject({ code: 'SANDBOX_TERMINATED' });
});

it('starts another one for a shim that ended, after a pause that grows while they end soon', async () => {
  const { open, opened } = shims();
  const time = createTestTime();
  const keeper = createShimKeeper({ open, time, logger: silentLogger });
  await keeper.connectTo('sb-1');
  for (const pauseMs of [100, 200, 400]) {
    opened.at(-1)?.end();
    await time.pass(0);
    const count = opened.length;
    const connecting = keeper.connectTo('sb-1');
    await time.pass(pauseMs - 1);
    expect(opened).toHaveLength(count);
    await time.pass(1);
    await connecting;
    expect(opened).toHaveLength(count + 1);
    expect(opened.at(-1)?.sent).toEqual(['sandbox.attach sb-1']);
  }
  // One that lived long ended for a new reason.
  await time.pass(60_000);
  opened.at(-1)?.end();
  await time.pass(0);
  const connecting = keeper.connect();
  await time.pass(100);
  await connecting;
  await keeper[Symbol.asyncDispose]();
});

it('tries again where that may help, and nowhere else', async () => {
  const { open, attempts } = shims([unavailable(), refused()]);
  const time = createTestTime();
  const keeper = createShimKeeper({ open, time, logger: silentLogger });
  await expect(keeper.connect()).rejects.toMatchObject({ code: 'SANDBOX_REMOTE_UNAVAILABLE' });
  const second = expect(keeper.connect()).rejects.toMatchObject({ code: 'SANDBOX_REMOTE_REFUSED' });
  await time.pass(100);
  await second;
  await expect(keeper.connect()).rejects.toMatchObject({ code: 'SANDBOX_REMOTE_REFUSED' });
  expect(attempts()).toBe(2);
  await keeper[Symbol.asyncDispose]();
});

it('ends while it waits to start a shim', async () => {
  const { open, attempts } = shims([unavailable()]);
  const keeper = createShimKeeper({ open, time: createTestTime(), logger: silentLogger });
  await expect(keeper.connect()).rejects.toMatchObject({ code: 'SANDBOX_REMOTE_UNAVAILABLE' });
  const waiting = expect(keeper.connect()).rejects.toMatchObject({ code: 'SANDBOX_TERMINATED' });
  await keeper[Symbol.asyncDispose]();
  await waiting;
  expect(attempts()).toBe(1);
});
