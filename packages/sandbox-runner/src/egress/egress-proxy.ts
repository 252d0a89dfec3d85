import { createServer, type IncomingMessage, type ServerOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { silentLogger, type Logger } from '@agentswarm/core';
import { parseAuthority, type Destination } from './destination.ts';
import { createDial, type Dial } from './dial.ts';
import { refusalOf, type EgressPolicy } from './egress-policy.ts';
import { answer, forward, readTarget, targetWithin } from './forward.ts';
import { IDLE_MS, OpenSockets } from './open-sockets.ts';
import { createRefusalLog } from './refusal-log.ts';
import { createCalmResolver, systemResolver, type ResolveHost } from './resolve-host.ts';
import { openTunnel } from './tunnel.ts';

export interface EgressProxyOptions {
  readonly policy: EgressPolicy;
  /** Path of the Unix socket to listen on; absent: a free port of 127.0.0.1. */
  readonly socketPath?: string;
  /** Default: as the system does it. */
  readonly resolve?: ResolveHost;
  /** Connections at a time; more are hung up. Default 256. */
  readonly maxConnections?: number;
  readonly logger?: Logger;
}

/** An HTTP proxy that leads where a policy admits and nowhere else. */
export interface EgressProxy extends AsyncDisposable {
  /** Present without a socket path. */
  readonly port?: number;
}

const MAX_CONNECTIONS = 256;
/** A request may take long to come as a whole, as long as something of it comes. */
const SERVER_OPTIONS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 30_000,
  requestTimeout: 0,
};

/**
 * Starts the proxy. It forwards plain HTTP, and tunnels TLS without looking inside, once the name that the
 * client asks for there is the admitted one. All else is refused with 403, before anything is connected to.
 */
export async function startEgressProxy(options: EgressProxyOptions): Promise<EgressProxy> {
  const { policy, socketPath, logger = silentLogger } = options;
  const sockets = new OpenSockets();
  const refuse = createRefusalLog(logger);
  const resolve = createCalmResolver(options.resolve ?? systemResolver);
  const connectAllowed = createDial({ policy, resolve });
  const dial: Dial = async (to) => {
    const dialled = await connectAllowed(to);
    if (dialled.kind === 'connected') sockets.add(dialled.socket);
    if (dialled.kind === 'refused') refuse(dialled.reason);
    return dialled;
  };

  /** Where the tunnels lead that turned out to carry plain HTTP. */
  const tunnelled = new WeakMap<Socket, Destination>();
  const server = createServer(SERVER_OPTIONS, (incoming, response) => {
    const address = incoming.url ?? '';
    const within = tunnelled.get(incoming.socket);
    const target = within === undefined ? readTarget(address) : targetWithin(within, address);
    if (target === undefined) answer(response, 403, refusalOf(policy, undefined));
    else forward({ incoming, response, target }, dial);
  });
  server.maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
  server.timeout = IDLE_MS;
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', ({ url = '', socket }: IncomingMessage, _same: Duplex, head: Buffer) => {
    sockets.add(socket);
    const onPlainHttp = (to: Destination) => {
      tunnelled.set(socket, to);
      server.emit('connection', socket);
    };
    const request = { client: socket, head, to: parseAuthority(url) };
    openTunnel(request, { dial, refuse, onPlainHttp }).catch((error: unknown) => {
      logger.warn({ error }, 'a tunnel broke');
      socket.destroy();
    });
  });

  await new Promise<void>((listening, reject) => {
    server.once('error', reject);
    if (socketPath === undefined) server.listen(0, '127.0.0.1', listening);
    else server.listen(socketPath, listening);
  });
  return {
    ...(socketPath === undefined ? { port: (server.address() as AddressInfo).port } : {}),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      sockets.close();
      await closed;
    },
  };
}
