import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect, createServer as createTcp, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { GuardDoor } from '../../src/modal/guard/start-guard.ts';
import { guardHere, serve } from './guard-setup.ts';

async function freePort(): Promise<number> {
  const server = createTcp();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The same socket of the host behind a socket and a port. */
async function twoDoors() {
  const port = await freePort();
  const doors = (folder: string): GuardDoor[] => [
    { inside: { kind: 'socket', path: join(folder, 'in/door.sock') }, host: join(folder, 'host.sock') },
    { inside: { kind: 'port', port }, host: join(folder, 'host.sock') },
  ];
  const ways = (folder: string) =>
    [
      { path: join(folder, 'in/door.sock'), allowHalfOpen: true },
      { port, host: '127.0.0.1', allowHalfOpen: true },
    ] as const;
  return { doors, ways };
}

describe('a guard', () => {
  it('leads to an HTTP server on a socket of the host through both kinds of doors', async () => {
    const { doors, ways } = await twoDoors();
    await using guard = guardHere({ doors });
    const server = createServer((incoming, response) => {
      response.end(`${incoming.method} ${incoming.url}`);
    });
    server.listen(join(guard.folder, 'host.sock'));
    await guard.ready;
    for (const way of ways(guard.folder)) {
      const sent = request({
        ...('path' in way ? { socketPath: way.path } : { host: way.host, port: way.port }),
        path: '/x',
        method: 'POST',
      });
      sent.end('body');
      const [response] = await once(sent, 'response');
      expect(await text(response)).toBe('POST /x');
    }
    server.close();
  });
});
