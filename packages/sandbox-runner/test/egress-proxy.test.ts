import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { silentLogger, type LogFields, type Logger } from '@agentswarm/core';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { planEgress } from '../src/egress/egress-policy.ts';
import { startEgressProxy, type EgressProxyOptions } from '../src/egress/egress-proxy.ts';
import type { RegistrySettings } from '../src/egress/registry-settings.ts';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function listen<S extends Server>(server: S): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const web = await listen(
  createServer((incoming, response) => {
    response.end(`${incoming.method} ${incoming.url} host=${incoming.headers.host}`);
  }),
);
const KEY = Buffer.from('a key that both ends know');
const PSK = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
const secure = await listen(
  createTlsServer({ ...PSK, pskCallback: () => KEY }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(`secure ${String(socket.servername)}`);
  }),
);

/** A log that is read by the test. */
function keepingLogger() {
  const lines: LogFields[] = [];
  const logger: Logger = { ...silentLogger, info: (fields) => lines.push(fields) };
  return { logger, reasons: () => lines.map(({ reason }) => reason) };
}

function startProxy(
  allow: readonly string[],
  options: Partial<EgressProxyOptions> & { readonly settings?: RegistrySettings } = {},
) {
  const { settings = { env: {} }, ...rest } = options;
  const policy = planEgress({ allow }, settings);
  if (policy === undefined) return expect.fail('a list needs a proxy');
  return startEgressProxy({
    // Every name is at a place of the test, as if that were public.
    policy: { ...policy, mayBeAt: () => true },
    resolve: async () => ['127.0.0.1'],
    ...rest,
  });
}

/** The same with the checks of addresses as they are. */
function startStrictProxy(allow: readonly string[], addresses: readonly string[], more: object = {}) {
  const policy = planEgress({ allow }, { env: {} });
  if (policy === undefined) return expect.fail('a list needs a proxy');
  return startEgressProxy({ policy, resolve: async () => addresses, ...more });
}

interface Proxy {
  readonly port?: number;
}

async function ask(proxy: Proxy, url: string, headers: Record<string, string> = {}) {
  const asking = request({ host: '127.0.0.1', port: proxy.port, path: url, headers, agent: false }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, body: Buffer.concat(await answer.toArray()).toString() };
}

/** Opens a tunnel, or gives the answer that refused it. */
async function openTunnel(proxy: Proxy, to: string): Promise<{ head: string; socket: Socket }> {
  const socket = connect(proxy.port ?? 0, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  socket.write(`CONNECT ${to} HTTP/1.1\r\nhost: ${to}\r\n\r\n`);
  const [head] = (await once(socket, 'data')) as [Buffer];
  return { head: head.toString(), socket };
}

/** What a client of TLS gets to read through a tunnel, or the code of its failure. */
async function readSecurely(proxy: Proxy, to: string, servername?: string): Promise<string> {
  const { head, socket } = await openTunnel(proxy, to);
  expect(head).toMatch(/^HTTP\/1\.1 200 /);
  const options = {
    ...PSK,
    socket,
    pskCallback: () => ({ psk: KEY, identity: 'test' }),
    checkServerIdentity: () => undefined,
  };
  const client = connectTls(servername === undefined ? options : { ...options, servername });
  return new Promise((resolve) => {
    client.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    client.once('data', (bytes: Buffer) => resolve(bytes.toString()));
  });
}

async function readAll(socket: Socket): Promise<string> {
  return Buffer.concat((await socket.toArray()) as Buffer[]).toString();
}

describe('plain HTTP through the proxy', () => {
  it('is forwarded with the Host that the address names, whatever the request says', async () => {
    await using proxy = await startProxy([`one.example:${web}`]);
    const url = `http://user:word@ONE.example:${web}/a?b#c`;
    expect(await ask(proxy, url, { host: 'two.example' })).toEqual({
      status: 200,
      body: `GET /a?b host=one.example:${web}`,
    });
  });

  it('is refused to everything else, before a name is looked up', async () => {
    const looked: string[] = [];
    const { logger, reasons } = keepingLogger();
    const resolve = async (host: string) => {
      looked.push(host);
      return ['127.0.0.1'];
    };
    await using proxy = await startProxy([`one.example:${web}`], { resolve, logger });
    for (const url of ['http://two.example/', `http://one.example/`, `http://127.0.0.1:${web}/`]) {
      expect(await ask(proxy, url)).toMatchObject({ status: 403 });
      expect(await ask(proxy, url)).toMatchObject({ status: 403 });
    }
    for (const url of ['/', 'ftp://one.example', `https://one.example:${web}/`, 'http://']) {
      expect(await ask(proxy, url)).toMatchObject({ status: 403 });
    }
    expect(looked).toEqual([]);
    expect(reasons()).toHaveLength(3);
    expect(reasons()[0]).toContain('two.example:80 is none');
  });

  it.each([
    'HTTP/1.1 099 Low\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntrailer: x\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab',
    'no HTTP at all\r\n\r\n',
    '',
  ])('survives a far end that answers %j', async (text) => {
    const far = createTcpServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => socket.end(text));
    });
    const port = await listen(far);
    await using proxy = await startProxy([`one.example:${port}`, `one.example:${web}`]);
    // It answers, or hangs up; what counts is that it goes on.
    await ask(proxy, `http://one.example:${port}/`).catch(String);
    expect(await ask(proxy, `http://one.example:${web}/`)).toMatchObject({ status: 200 });
  });

  it('survives a request that cannot be passed on as it is', async () => {
    await using proxy = await startProxy([`one.example:${web}`]);
    const socket = connect(proxy.port ?? 0, '127.0.0.1');
    socket.end(
      `POST http://one.example:${web}/\x80 HTTP/1.1\r\nhost: x\r\ntrailer: y\r\ncontent-length: 1\r\n\r\nz`,
      'latin1',
    );
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 /);
    expect(await ask(proxy, `http://one.example:${web}/`)).toMatchObject({ status: 200 });
  });
});

describe('a tunnel through the proxy', () => {
  it('carries TLS that asks for the admitted name', async () => {
    await using proxy = await startProxy([`one.example:${secure}`, `127.0.0.1:${secure}`]);
    expect(await readSecurely(proxy, `One.Example.:${secure}`, 'one.example')).toBe('secure one.example');
    expect(await readSecurely(proxy, `127.0.0.1:${secure}`)).toBe('secure false');
  });

  it('refuses TLS that asks for another name or for none, and says so', async () => {
    const { logger, reasons } = keepingLogger();
    await using proxy = await startProxy([`one.example:${secure}`, `127.0.0.1:${secure}`], { logger });
    const refused = /UNRECOGNIZED_NAME/;
    expect(await readSecurely(proxy, `one.example:${secure}`, 'two.example')).toMatch(refused);
    expect(await readSecurely(proxy, `one.example:${secure}`)).toMatch(refused);
    expect(await readSecurely(proxy, `127.0.0.1:${secure}`, 'one.example')).toMatch(refused);
    expect(reasons()).toEqual([
      `The tunnel to one.example:${secure} asks for "two.example" inside.`,
      `The tunnel to one.example:${secure} asks for no server by name inside.`,
      `The tunnel to 127.0.0.1:${secure} asks for "one.example" inside.`,
    ]);
  });

  it('carries plain HTTP to its destination only, with its Host', async () => {
    await using proxy = await startProxy([`one.example:${web}`]);
    const { head, socket } = await openTunnel(proxy, `one.example:${web}`);
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    socket.write('GET /first HTTP/1.1\r\nhost: two.example\r\n\r\n');
    socket.write(`GET http://two.example/second HTTP/1.1\r\nhost: two.example\r\nconnection: close\r\n\r\n`);
    const text = await readAll(socket);
    expect(text).toContain(`GET /first host=one.example:${web}`);
    expect(text).toContain(`GET /second host=one.example:${web}`);
  });

  it('loses nothing that the client says before the far end is there', async () => {
    const found = Promise.withResolvers<string[]>();
    await using proxy = await startProxy([`one.example:${web}`], { resolve: () => found.promise });
    const socket = connect(proxy.port ?? 0, '127.0.0.1');
    socket.write(`CONNECT one.example:${web} HTTP/1.1\r\n\r\n`);
    await ask(proxy, 'http://two.example/');
    socket.write('GET /early HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    // By the time another is answered, what was sent before has arrived.
    await ask(proxy, 'http://two.example/');
    found.resolve(['127.0.0.1']);
    expect(await readAll(socket)).toContain(`GET /early host=one.example:${web}`);
  });

  it('leads to no other destination when another tunnel is asked for inside', async () => {
    await using proxy = await startProxy([`one.example:${web}`]);
    const { socket } = await openTunnel(proxy, `one.example:${web}`);
    socket.write(`CONNECT two.example:${web} HTTP/1.1\r\nhost: x\r\n\r\n`);
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('carries nothing else', async () => {
    await using proxy = await startProxy([`one.example:${web}`]);
    const { socket } = await openTunnel(proxy, `one.example:${web}`);
    socket.write('SSH-2.0-client\r\n');
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 400 /);
    const endless = await openTunnel(proxy, `one.example:${web}`);
    endless.socket.write(
      Buffer.concat([Buffer.from([22, 3, 1, 255, 255, 1, 0, 255, 255]), Buffer.alloc(20_000)]),
    );
    expect([...Buffer.from(await readAll(endless.socket))]).toEqual([21, 3, 3, 0, 2, 2, 112]);
  });

  it.each(['two.example:443', 'one.example', 'one.example:1:2', '', 'user@one.example:443', '[::1'])(
    'is refused to %j',
    async (to) => {
      await using proxy = await startProxy([`one.example:${web}`, 'one.example:1']);
      const { head } = await openTunnel(proxy, to);
      expect(head).toMatch(/^HTTP\/1\.1 (?:403 Forbidden|400 Bad Request)/);
    },
  );
});

describe('the addresses of an admitted name', () => {
  it.each(['127.0.0.1', '::1', '10.0.0.1', '169.254.169.254', 'fe80::1%lo', '::ffff:127.0.0.1', 'fd00::1'])(
    'are refused when one is %s',
    async (address) => {
      const { logger, reasons } = keepingLogger();
      await using proxy = await startStrictProxy(['one.example'], ['192.0.2.1', address], { logger });
      expect(await ask(proxy, 'http://one.example/')).toEqual({
        status: 403,
        body: `one.example:80 leads to ${address}, which is not public.\n`,
      });
      const { head } = await openTunnel(proxy, 'one.example:443');
      expect(head).toMatch(/^HTTP\/1\.1 403 /);
      expect(reasons()).toHaveLength(2);
    },
  );

  it('are those that were checked: the name is looked up once', async () => {
    let looks = 0;
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    const resolve = async () => answers[looks++] ?? [];
    await using proxy = await startProxy([`one.example:${web}`], { resolve });
    expect(await ask(proxy, `http://one.example:${web}/`)).toMatchObject({ status: 200 });
    expect(looks).toBe(1);
  });

  it('may be of any kind where the list names the address itself', async () => {
    await using proxy = await startStrictProxy([`127.0.0.1:${web}`], []);
    expect(await ask(proxy, `http://127.0.0.1:${web}/`)).toMatchObject({ status: 200 });
    expect(await ask(proxy, `http://2130706433:${web}/`)).toMatchObject({ status: 200 });
    expect(await ask(proxy, `http://127.0.0.2:${web}/`)).toMatchObject({ status: 403 });
    expect(await ask(proxy, `http://localhost:${web}/`)).toMatchObject({ status: 403 });
    expect(await ask(proxy, `http://[::ffff:127.0.0.1]:${web}/`)).toMatchObject({ status: 403 });
  });

  it('are none when the name is unknown', async () => {
    const unknown = Object.assign(new Error('unknown'), { code: 'ENOTFOUND' });
    await using proxy = await startProxy(['one.example'], { resolve: () => Promise.reject(unknown) });
    expect(await ask(proxy, 'http://one.example/')).toMatchObject({ status: 502 });
    await using empty = await startProxy(['one.example'], { resolve: async () => [] });
    expect(await ask(empty, 'http://one.example/')).toMatchObject({ status: 502 });
  });

  it('of a registry on this machine may be loopback, of another may not', async () => {
    const urls = [`http://localhost:${web}/npm`, `http://crates.example:${web}/`];
    const policy = planEgress('registries', { env: {}, urls });
    if (policy === undefined) return expect.fail('registries need a proxy');
    await using proxy = await startEgressProxy({ policy, resolve: async () => ['127.0.0.1'] });
    expect(await ask(proxy, `http://localhost:${web}/npm`)).toMatchObject({ status: 200 });
    expect(await ask(proxy, `http://crates.example:${web}/`)).toMatchObject({ status: 403 });
  });

  it('are checked before the proxy of the host is asked, as far as they are known here', async () => {
    const asked: string[] = [];
    const upstream = createTcpServer((socket) => {
      socket.once('data', (head) => {
        asked.push(head.toString().split('\r\n')[0] ?? '');
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(connect(web, '127.0.0.1')).pipe(socket);
      });
    });
    const env = { HTTPS_PROXY: `http://127.0.0.1:${await listen(upstream)}` };
    const policy = planEgress({ allow: ['*.example'] }, { env });
    if (policy === undefined) return expect.fail('a list needs a proxy');
    const unknown = Object.assign(new Error('unknown'), { code: 'ENOTFOUND' });
    await using proxy = await startEgressProxy({
      policy,
      resolve: async (host) => (host === 'inside.example' ? ['10.0.0.1'] : Promise.reject(unknown)),
    });
    expect(await ask(proxy, 'http://inside.example/')).toMatchObject({ status: 403 });
    expect(await ask(proxy, 'http://far.example/')).toEqual({ status: 200, body: 'GET / host=far.example' });
    expect(asked).toEqual(['CONNECT far.example:80 HTTP/1.1']);
  });
});

describe('the bounds of the proxy', () => {
  it('hold whatever is sent to it', async () => {
    const { logger, reasons } = keepingLogger();
    await using proxy = await startProxy([`one.example:${web}`], { logger });
    const to = `one.example:${web}`;
    const parts = [
      `CONNECT ${to} HTTP/1.1\r\n\r\n`,
      `GET http://${to}/ HTTP/1.1\r\nhost: x\r\n\r\n`,
      'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n',
      '5\r\nabcde\r\n0\r\n\r\n',
      '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00',
      'upgrade: x\r\nconnection: upgrade\r\nexpect: 100-continue\r\n\r\n',
      '\r\n',
    ];
    const sent = fc.array(fc.oneof(fc.constantFrom(...parts), fc.string()), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sent, async (texts) => {
        const socket = connect(proxy.port ?? 0, '127.0.0.1');
        for (const text of texts) socket.write(text, 'latin1');
        socket.end();
        const answer = await readAll(socket).catch(String);
        // Only what names the admitted destination in one way or the other reaches it.
        if (!texts.join('').includes(to)) expect(answer).not.toContain('host=one.example');
      }),
      { numRuns: process.env['TEST_DEEP'] ? 5_000 : 200 },
    );
    expect(await ask(proxy, `http://${to}/`)).toMatchObject({ status: 200 });
    expect(reasons().length).toBeLessThanOrEqual(50);
  });

  it('are a number of connections, and the size of what begins one', async () => {
    await using proxy = await startProxy([`one.example:${web}`], { maxConnections: 2 });
    const held = [
      await openTunnel(proxy, `one.example:${web}`),
      await openTunnel(proxy, `one.example:${web}`),
    ];
    const third = connect(proxy.port ?? 0, '127.0.0.1');
    expect(await readAll(third)).toBe('');
    for (const { socket } of held) {
      socket.destroy();
      await once(socket, 'close');
    }
    const long = { padding: 'x'.repeat(20_000) };
    await using other = await startProxy([`one.example:${web}`]);
    expect(await ask(other, `http://one.example:${web}/`, long)).toMatchObject({ status: 431 });
  });

  it('end every connection with the proxy', async () => {
    const proxy = await startProxy([`one.example:${web}`, `one.example:${secure}`]);
    const { socket } = await openTunnel(proxy, `one.example:${web}`);
    const closed = once(socket, 'close');
    await proxy[Symbol.asyncDispose]();
    await closed;
  });

  it('keep the log short however many destinations are asked for', async () => {
    const { logger, reasons } = keepingLogger();
    await using proxy = await startProxy([], { logger });
    for (let number = 0; number < 60; number++) await ask(proxy, `http://host-${number}.example/`);
    expect(reasons()).toHaveLength(50);
  });
});
