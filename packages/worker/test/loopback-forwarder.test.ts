import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { silentLogger } from '@agentswarm/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLoopbackForwarder } from '../src/loopback-forwarder.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'forwarder-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function listen(onConnection: (socket: Socket) => void) {
  const path = join(directory, 'gateway.sock');
  const server = createServer({ allowHalfOpen: true }, onConnection);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { path, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

test('passes bytes both ways unchanged, to the last one', async () => {
  const payload = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256));
  await using server = await listen((socket) => socket.pipe(socket));
  await using forwarder = await startLoopbackForwarder(server.path, { logger: silentLogger });
  const client = connect(forwarder.port, '127.0.0.1');
  client.write(payload.subarray(0, 1000));
  client.end(payload.subarray(1000));
  expect((await buffer(client)).equals(payload)).toBe(true);
});

test('listens on the loopback interface only and ends open connections when disposed', async () => {
  await using server = await listen((socket) => socket.resume().on('end', () => socket.end()));
  const forwarder = await startLoopbackForwarder(server.path, { logger: silentLogger });
  const client = connect(forwarder.port, '127.0.0.1').resume();
  await new Promise((resolve) => client.once('connect', resolve));
  expect(client.remoteAddress).toBe('127.0.0.1');
  const closed = new Promise((resolve) => client.once('close', resolve));
  client.on('error', () => {});
  await forwarder[Symbol.asyncDispose]();
  await closed;
});

test('closes the connection when nobody listens on the socket', async () => {
  await using forwarder = await startLoopbackForwarder(join(directory, 'missing.sock'), {
    logger: silentLogger,
  });
  const client = connect(forwarder.port, '127.0.0.1');
  client.on('error', () => {});
  await new Promise((resolve) => client.once('close', resolve));
});
