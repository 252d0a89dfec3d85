import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { silentLogger, type Logger } from '@agentswarm/core';
import { connectThrough } from './upstream-proxy.ts';
import { createRegistryFilter, nameOf, parseDestination, upstreamProxyFor } from './registry-settings.ts';
import type { Destination, RegistrySettings } from './registry-settings.ts';

export interface RegistryProxyOptions {
  readonly settings: RegistrySettings;
  /** Path of the Unix socket to listen on; absent: a free port of 127.0.0.1. */
  readonly socketPath?: string;
  readonly logger?: Logger;
}

/** An HTTP proxy that leads to package registries and nowhere else. */
export interface RegistryProxy extends AsyncDisposable {
  /** Present without a socket path. */
  readonly port?: number;
}

/** Headers that are between two hops and not for the far end. */
const HOP_HEADERS = ['connection', 'proxy-connection', 'proxy-authorization', 'keep-alive', 'te', 'upgrade'];

/**
 * Starts the proxy. It tunnels TLS without looking inside and forwards plain HTTP; every other
 * destination is refused with 403 before anything is looked up or connected to.
 */
export async function startRegistryProxy(options: RegistryProxyOptions): Promise<RegistryProxy> {
  const { settings, socketPath, logger = silentLogger } = options;
  const isAdmitted = createRegistryFilter(settings);
  const open = new Set<Duplex>();
  const track = <Stream extends Duplex>(stream: Stream): Stream => {
    open.add(stream);
    stream.once('close', () => open.delete(stream));
    return stream;
  };
  const dial = (to: Destination): Promise<Socket> => {
    const upstream = upstreamProxyFor(settings, to);
    return upstream === undefined ? connectTo(to) : connectThrough(upstream, to);
  };

  const server = createServer((incoming, response) => {
    const to = parseDestination(incoming.url ?? '');
    if (to === undefined || !incoming.url?.startsWith('http:') || !isAdmitted(to)) {
      logger.info({ destination: to && nameOf(to) }, 'refused a destination that is no registry');
      response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' }).end(refusalOf(to));
      return;
    }
    dial(to).then(
      (socket) => forward({ incoming, response, socket: track(socket) }),
      (error: unknown) => answerUnreachable(response, error),
    );
  });
  server.on('connection', track);
  server.on('connect', (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    client.on('error', () => client.destroy());
    const to = parseDestination(`https://${incoming.url ?? ''}`);
    if (to === undefined || !isAdmitted(to)) {
      logger.info({ destination: to && nameOf(to) }, 'refused a destination that is no registry');
      client.end(rawAnswer('403 Forbidden', refusalOf(to)));
      return;
    }
    dial(to).then(
      (socket) => tunnel({ client, socket: track(socket), head }),
      (error: unknown) => client.end(rawAnswer('502 Bad Gateway', unreachable(error))),
    );
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (socketPath === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(socketPath, resolve);
  });
  return {
    ...(socketPath === undefined ? { port: (server.address() as AddressInfo).port } : {}),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const stream of open) stream.destroy();
      await closed;
    },
  };
}

function connectTo({ host, port }: Destination): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function tunnel({ client, socket, head }: { client: Duplex; socket: Socket; head: Buffer }): void {
  client.write('HTTP/1.1 200 Connection established\r\n\r\n');
  if (head.length > 0) socket.write(head);
  // Either end breaking ends the other; who talks to whom hears of it there.
  socket.on('error', () => client.destroy());
  client.once('close', () => socket.destroy());
  socket.once('close', () => client.destroy());
  client.pipe(socket).pipe(client);
}

interface Forwarding {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

function forward({ incoming, response, socket }: Forwarding): void {
  const url = new URL(incoming.url ?? '');
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).filter(([name]) => !HOP_HEADERS.includes(name)),
  );
  const outgoing = request({
    createConnection: () => socket,
    method: incoming.method,
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, host: url.host, connection: 'close' },
  });
  outgoing.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.once('error', (error) => answerUnreachable(response, error));
  response.once('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}

function answerUnreachable(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(502, { 'content-type': 'text/plain', connection: 'close' }).end(unreachable(error));
}

function rawAnswer(status: string, text: string): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`;
}

function refusalOf(to: Destination | undefined): string {
  const named = to === undefined ? 'this address' : nameOf(to);
  return `The network of this sandbox admits package registries only, and ${named} is none.\n`;
}

function unreachable(error: unknown): string {
  return `The registry could not be reached: ${String(error)}\n`;
}
