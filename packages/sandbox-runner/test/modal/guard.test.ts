import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect, createServer as createTcp, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { findLabelledProcesses } from '../../src/process/process-table.ts';
import { errnoOf } from '../../src/errors.ts';
import { guardLabel } from '../../src/modal/guard/guard-terms.ts';
import type { GuardDoor } from '../../src/modal/guard/start-guard.ts';
import { guardHere, serve, type TestGuardOptions } from './guard-setup.ts';

const MB = 1024 * 1024;

async function freePort(): Promise<number> {
  const server = createTcp();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A guard whose doors, a socket and a port, lead to one socket of the host. */
async function guardOfTwoDoors(more: TestGuardOptions = {}) {
  const port = await freePort();
  const doors = (folder: string): GuardDoor[] => [
    { inside: { kind: 'socket', path: join(folder, 'in/door.sock') }, host: join(folder, 'host.sock') },
    { inside: { kind: 'port', port }, host: join(folder, 'host.sock') },
  ];
  const guard = guardHere({ doors, ...more });
  const ways = [{ path: join(guard.folder, 'in/door.sock') }, { port, host: '127.0.0.1' }] as const;
  const hostSocket = join(guard.folder, 'host.sock');
  return { guard, hostSocket, ways, [Symbol.asyncDispose]: () => guard[Symbol.asyncDispose]() };
}

type Way = Awaited<ReturnType<typeof guardOfTwoDoors>>['ways'][number];

function enter(way: Way): Socket {
  return connect({ ...way, allowHalfOpen: true });
}

/** What is heard of a connection that says `words`, and how it ends. */
async function ask(way: Way, words: string): Promise<string> {
  const socket = enter(way).end(words);
  try {
    return (await text(socket)) || 'nothing';
  } catch (error) {
    return errnoOf(error) ?? 'no code';
  }
}

const echo = (socket: Socket) => void socket.pipe(socket);

describe('a guard', () => {
  it('leads to an HTTP server on a socket of the host through both kinds of doors', async () => {
    await using setting = await guardOfTwoDoors();
    const server = createServer((incoming, response) => response.end(`${incoming.method} ${incoming.url}`));
    server.listen(setting.hostSocket);
    await setting.guard.ready;
    const [socket, port] = setting.ways;
    for (const way of [{ socketPath: socket.path }, port]) {
      const sent = request({ ...way, path: '/x', method: 'POST' }).end('body');
      const [response] = await once(sent, 'response');
      expect(await text(response)).toBe('POST /x');
    }
    server.close();
    expect(setting.guard.complaints).toEqual([]);
  });

  it('carries much both ways, unchanged', async () => {
    await using setting = await guardOfTwoDoors();
    await using _server = await serve(setting.hostSocket, echo);
    await setting.guard.ready;
    const much = randomBytes(8 * MB);
    const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    const answers = [...setting.ways, ...setting.ways, ...setting.ways].map(async (way) => {
      const socket = enter(way).end(much);
      return digest(await buffer(socket));
    });
    expect(new Set(await Promise.all(answers))).toEqual(new Set([digest(much)]));
  });

  it('carries 200 connections at once, beside one that nobody reads', async () => {
    await using setting = await guardOfTwoDoors();
    await using _server = await serve(setting.hostSocket, echo);
    await setting.guard.ready;
    const stuck = setting.ways.map(enter);
    for (const socket of stuck) socket.end(randomBytes(8 * MB)).pause();
    const sent = Array.from({ length: 200 }, () => randomBytes(64 * 1024));
    const got = await Promise.all(
      sent.map(async (bytes, index) => {
        const way = setting.ways[index % 2];
        if (way === undefined) return undefined;
        const socket = enter(way);
        socket.end(bytes);
        return buffer(socket);
      }),
    );
    expect(got.every((bytes, index) => bytes?.equals(sent[index] ?? Buffer.alloc(0)))).toBe(true);
    for (const socket of stuck) expect((await buffer(socket)).length).toBe(8 * MB);
  });

  it('ends each half of a connection by itself', async () => {
    await using setting = await guardOfTwoDoors();
    await using _server = await serve(setting.hostSocket, (socket) => {
      socket.write('first ');
      void text(socket).then((question) => socket.end(`answer to ${question}`));
    });
    await setting.guard.ready;
    for (const way of setting.ways) expect(await ask(way, 'question')).toBe('first answer to question');
  });

  it('lets a connection go on that the host has nothing more to say to', async () => {
    await using setting = await guardOfTwoDoors();
    const heard = Promise.withResolvers<string>();
    await using _server = await serve(setting.hostSocket, (socket) => {
      socket.end('bye');
      void text(socket).then(heard.resolve);
    });
    await setting.guard.ready;
    const socket = enter(setting.ways[1]);
    expect(await text(socket)).toBe('bye');
    socket.end('still here');
    expect(await heard.promise).toBe('still here');
  });

  it('breaks a connection to a socket that is not there, and only that', async () => {
    await using setting = await guardOfTwoDoors();
    await setting.guard.ready;
    const [socket, port] = setting.ways;
    expect(await ask(port, 'x')).toBe('ECONNRESET');
    expect(await ask(socket, 'x')).toMatch(/^(nothing|ECONNRESET|EPIPE)$/);
    await using _server = await serve(setting.hostSocket, echo);
    expect(await ask(port, 'again')).toBe('again');
    expect(await ask(socket, 'again')).toBe('again');
  });

  it('breaks a connection on one side when it breaks on the other', async () => {
    await using setting = await guardOfTwoDoors();
    const broken = Promise.withResolvers<void>();
    await using _server = await serve(setting.hostSocket, (socket) => {
      socket.on('error', broken.resolve).on('end', broken.resolve);
      socket.once('data', (word) => {
        if (String(word).startsWith('break')) socket.write('so far', () => socket.destroy());
        else socket.write('heard');
      });
    });
    await setting.guard.ready;
    const cutOff = enter(setting.ways[1]);
    // A Unix socket that is gone looks as one that has said all, until somebody writes to it.
    const writing = setInterval(() => cutOff.write('more'), 5);
    const end = once(cutOff.resume(), 'close').catch((error: unknown) => errnoOf(error));
    cutOff.write('break');
    expect(await end).toMatch(/^(ECONNRESET|EPIPE)$/);
    clearInterval(writing);
    const cutting = enter(setting.ways[1]);
    cutting.write('hold');
    await once(cutting, 'data');
    cutting.resetAndDestroy();
    await broken.promise;
  });

  it('stands many connections that break', async () => {
    await using setting = await guardOfTwoDoors();
    await using _server = await serve(setting.hostSocket, echo);
    await setting.guard.ready;
    for (let round = 0; round < 15; round++) {
      const breaking = Array.from({ length: 200 }, async () => {
        const socket = enter(setting.ways[1]);
        socket.write('x');
        await once(socket, 'data');
        socket.resetAndDestroy();
      });
      await Promise.all(breaking);
    }
    expect(await ask(setting.ways[1], 'still here')).toBe('still here');
    expect(setting.guard.complaints).toEqual([]);
  });

  it('takes over from an older one of its sandbox, and from no other', async () => {
    await using setting = await guardOfTwoDoors();
    const { guard: old, ways } = setting;
    await using _server = await serve(setting.hostSocket, echo);
    await old.ready;
    await using other = guardHere();
    await other.ready;
    const doors = (): GuardDoor[] => [
      { inside: { kind: 'socket', path: ways[0].path }, host: setting.hostSocket },
      { inside: { kind: 'port', port: ways[1].port }, host: setting.hostSocket },
    ];
    await using young = guardHere({ sandboxId: old.sandboxId, doors });
    await young.ready;
    await old.ended;
    for (const way of ways) expect(await ask(way, 'still open')).toBe('still open');
    expect(await findLabelledProcesses(guardLabel(old.sandboxId))).toHaveLength(1);
    expect(await findLabelledProcesses(guardLabel(other.sandboxId))).toHaveLength(1);
  });

  it('of several that start at once leaves one', async () => {
    const sandboxId = `sbx-${randomBytes(8).toString('hex')}`;
    const guards = Array.from({ length: 4 }, () => guardHere({ sandboxId }));
    await Promise.allSettled(guards.map(({ ready }) => ready));
    await Promise.any(guards.map(async ({ ready }) => ready));
    expect(await findLabelledProcesses(guardLabel(sandboxId))).toHaveLength(1);
    for (const guard of guards) await guard[Symbol.asyncDispose]();
  });

  it('is known to have ended when it is killed, and ends when it is disposed', async () => {
    const guard = guardHere();
    await guard.ready;
    const [pid] = await findLabelledProcesses(guardLabel(guard.sandboxId));
    process.kill(pid ?? 0, 'SIGKILL');
    await guard.ended;
    const second = guardHere();
    await second.ready;
    await second[Symbol.asyncDispose]();
    await second.ended;
    expect(await findLabelledProcesses(guardLabel(second.sandboxId))).toEqual([]);
  });

  it('says why it cannot open its doors', async () => {
    await using setting = await guardOfTwoDoors();
    await setting.guard.ready;
    const taken = setting.ways[1].port;
    const doors = (): GuardDoor[] => [{ inside: { kind: 'port', port: taken }, host: '/nonexistent' }];
    await using second = guardHere({ doors });
    await expect(second.ready).rejects.toMatchObject({ code: 'SANDBOX_SETUP_FAILED' });
    await second.ended;
    expect(second.complaints.join()).toContain('EADDRINUSE');
    await using missing = guardHere({ command: ['/nonexistent/guard'] });
    await expect(missing.ready).rejects.toMatchObject({ code: 'SANDBOX_SETUP_FAILED' });
  });
});
