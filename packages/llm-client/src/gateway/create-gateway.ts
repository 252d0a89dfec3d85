import { chmod, mkdir } from 'node:fs/promises';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { join } from 'node:path';
import { randomIdSource, silentLogger, systemClock } from '@agentswarm/core';
import { preferenceOf } from '../client/prepared-request.ts';
import { servesRole } from '../endpoint/endpoint.ts';
import { LlmError } from '../errors.ts';
import { closeServer, listen, portOf } from '../http/listen.ts';
import { createModelCatalog } from '../models/model-catalog.ts';
import { createRouter } from '../routing/create-router.ts';
import type { Gateway, GatewayLimits, GatewayOptions, Grant, GrantRequest } from './gateway.ts';
import type { GatewayContext } from './gateway-context.ts';
import { createGrantBook } from './grants.ts';
import { createGatewayHandler } from './handle-request.ts';
import { isLoopback, planTcp, type TcpPlan } from './tcp-plan.ts';
import { createUpstreams } from './upstream.ts';

const REQUEST_TIMEOUT_MS = 300_000;
const DEFAULT_LIMITS: Required<GatewayLimits> = {
  maxBodyBytes: 10 * 1024 * 1024,
  maxHeaderBytes: 16 * 1024,
  receiveTimeoutMs: 60_000,
  maxWaitMs: 300_000,
  defaultMaxTokens: 8192,
};
/** `sun_path` less its terminating zero. Longer paths are silently cut by the system. */
const MAX_SOCKET_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;

/**
 * Starts an OpenAI-compatible server that forwards chat completions of token holders to endpoints. The
 * provider's key is added on the way and never comes back.
 *
 * @throws {LlmError} ENDPOINT_INVALID when there is no endpoint, two share a name, or a base URL is not usable;
 * GATEWAY_UNAVAILABLE when it cannot listen, or should listen for other machines without `allowRemote`.
 * @example
 * await using gateway = await createGateway({ endpoints, onCall: (event) => journal.append(event), socketDir });
 * const { token, socketPath } = gateway.grant({ taskId, attemptId, role: 'worker' });
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { idSource = randomIdSource, clock = systemClock, logger = silentLogger } = options;
  const router = options.router ?? createRouter({ endpoints: options.endpoints ?? [], clock, logger });
  const tcp = planTcp(options.tcp);
  const socketPath = socketPathIn(options.socketDir, idSource.token());
  const grants = createGrantBook(idSource, clock);
  const upstreams = createUpstreams(options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const context: GatewayContext = {
    ...limits,
    router,
    grants,
    handling: new Set(),
    upstreamOf: upstreams.of,
    catalog: options.catalog ?? createModelCatalog(),
    notes: options.notes,
    budget: options.budget,
    recorder: options.recorder,
    clock,
    logger,
    onCall: options.onCall,
  };
  const socketServer = createLimitedServer(limits, createGatewayHandler(context));
  const tcpServer: Server = createLimitedServer(
    limits,
    createGatewayHandler({ ...context, isAllowedHost: (host) => isNamed(host, tcp, portOf(tcpServer)) }),
  );
  const close = () =>
    closeAll([
      () => grants.close(),
      () => closeServer(socketServer),
      () => closeServer(tcpServer),
      () => upstreams.close(),
      // What was cut is settled and reported before whoever keeps money and events is gone.
      () => Promise.all(context.handling),
    ]);
  try {
    await mkdir(options.socketDir, { recursive: true, mode: 0o700 });
    await listen(socketServer, { path: socketPath });
    await chmod(socketPath, 0o600);
    if (tcp !== undefined) await listen(tcpServer, tcp);
  } catch (cause) {
    await close();
    const where = tcp === undefined ? socketPath : `${socketPath} or ${tcp.host}:${tcp.port}`;
    throw new LlmError('GATEWAY_UNAVAILABLE', `gateway cannot listen on ${where}`, { cause });
  }
  const place = { socketPath, ...(tcp === undefined ? {} : { url: urlOf(tcp, tcpServer) }) };
  return {
    ...place,
    router,
    grant(request: GrantRequest): Grant {
      const { prefer, fallback = [] } = preferenceOf(options.models, request.role);
      const models = request.model === undefined ? [...prefer, ...fallback] : [request.model];
      const model = models[0] ?? ownModel(router.endpoints, request.role);
      return { ...grants.issue(request, { model, models }), model, ...place };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The name under which a token calls the endpoints' own models. */
function ownModel(endpoints: Gateway['router']['endpoints'], role: GrantRequest['role']): string {
  const serving = endpoints.find((endpoint) => servesRole(endpoint, role));
  return serving?.model ?? 'default';
}

function createLimitedServer(limits: Required<GatewayLimits>, handler: RequestListener): Server {
  const options: ServerOptions = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.receiveTimeoutMs,
    requestTimeout: limits.receiveTimeoutMs,
    connectionsCheckingInterval: Math.min(30_000, Math.ceil(limits.receiveTimeoutMs / 4)),
  };
  return createServer(options, handler);
}

/** Other machines name the gateway in ways it cannot know; the token is what protects it there. */
function isNamed(host: string, tcp: TcpPlan | undefined, port: number): boolean {
  if (tcp !== undefined && !isLoopback(tcp.host)) return true;
  if (tcp?.names.includes(host) === true) return true;
  const own = tcp === undefined ? [] : [hostInUrl(tcp.host)];
  return [...own, '127.0.0.1', 'localhost', '[::1]'].some((name) => host === `${name}:${port}`);
}

function urlOf({ host }: TcpPlan, server: Server): string {
  return `http://${hostInUrl(host)}:${portOf(server)}/v1`;
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
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

async function closeAll(steps: readonly (() => unknown)[]): Promise<void> {
  const results = await Promise.allSettled(steps.map(async (step) => await step()));
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 0) throw new AggregateError(failures, 'gateway could not be closed completely');
}
