import { chmod, mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { randomIdSource, silentLogger, systemClock } from '@agentswarm/core';
import { soleEndpoint } from '../endpoint/endpoint.ts';
import { LlmError } from '../errors.ts';
import { closeServer, listen, portOf } from '../http/listen.ts';
import type { Gateway, GatewayOptions, Grant, GrantRequest } from './gateway.ts';
import { createGrantBook } from './grants.ts';
import { createGatewayHandler } from './handle-request.ts';
import { createUpstream } from './upstream.ts';

const MAX_BODY_BYTES = 10 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 300_000;
/** `sun_path` less its terminating zero. Longer paths are silently cut by the system. */
const MAX_SOCKET_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;

/**
 * Starts an OpenAI-compatible server that forwards chat completions of token holders to the endpoint. The
 * provider's key is added on the way and never comes back.
 *
 * @throws {LlmError} ENDPOINT_INVALID when there is not exactly one endpoint or its URL is not usable;
 * GATEWAY_UNAVAILABLE when the socket path is too long or cannot be listened on.
 * @example
 * await using gateway = await createGateway({ endpoints, onCall: (event) => journal.append(event), socketDir });
 * const { token, socketPath } = gateway.grant({ taskId, attemptId, role: 'worker' });
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { idSource = randomIdSource, clock = systemClock, logger = silentLogger } = options;
  const endpoint = soleEndpoint(options.endpoints);
  const grants = createGrantBook(idSource);
  const upstream = createUpstream(endpoint, options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
  const maxBodyBytes = options.limits?.maxBodyBytes ?? MAX_BODY_BYTES;
  const context = { endpoint, grants, upstream, maxBodyBytes, clock, logger, onCall: options.onCall };
  const socketPath = socketPathIn(options.socketDir, idSource.token());

  const socketServer = createServer(createGatewayHandler(context));
  const tcpServer: Server = createServer(
    createGatewayHandler({ ...context, allowedHosts: () => loopbackHosts(portOf(tcpServer)) }),
  );
  const close = () =>
    closeAll([() => closeServer(socketServer), () => closeServer(tcpServer), () => upstream.close()]);
  try {
    await mkdir(options.socketDir, { recursive: true, mode: 0o700 });
    await listen(socketServer, { path: socketPath });
    await chmod(socketPath, 0o600);
    if (options.tcp === true) await listen(tcpServer, { host: '127.0.0.1', port: 0 });
  } catch (cause) {
    await close();
    throw new LlmError('GATEWAY_UNAVAILABLE', `gateway cannot listen on ${socketPath}`, { cause });
  }
  const url = options.tcp === true ? `http://127.0.0.1:${portOf(tcpServer)}/v1` : undefined;
  const place = { socketPath, ...(url === undefined ? {} : { url }) };
  return {
    ...place,
    grant(request: GrantRequest): Grant {
      const model = request.model ?? options.models?.[request.role] ?? endpoint.model;
      return { ...grants.issue(request, model), model, ...place };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function socketPathIn(dir: string, token: string): string {
  const path = join(dir, `gw-${token.slice(0, 8)}.sock`);
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return path;
  throw new LlmError(
    'GATEWAY_UNAVAILABLE',
    `socket path ${path} has ${bytes} bytes; the system allows ${MAX_SOCKET_PATH_BYTES}`,
    { details: { path, bytes, maxBytes: MAX_SOCKET_PATH_BYTES } },
  );
}

function loopbackHosts(port: number): readonly string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
}

async function closeAll(steps: readonly (() => Promise<void> | void)[]): Promise<void> {
  const results = await Promise.allSettled(steps.map(async (step) => await step()));
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 0) throw new AggregateError(failures, 'gateway could not be closed completely');
}
