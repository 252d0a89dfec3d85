import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { silentLogger, systemClock, type Clock, type Logger } from '@agentswarm/core';
import { LlmError } from '../errors.ts';
import { apiPathOf } from '../http/api-path.ts';
import { closeServer, listen, portOf } from '../http/listen.ts';
import { sendError, type OpenAiError } from '../http/open-ai-error.ts';
import { readBody } from '../http/read-body.ts';
import type { ModelPlayer, PlayerRequest } from './model-player.ts';
import { breakOff, sendPlayedAnswer } from './send-played-answer.ts';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

export interface PlayerServerOptions {
  readonly player: ModelPlayer;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  readonly logger?: Logger;
  /** Paces the answers. */
  readonly clock?: Clock;
  /** Hears of a chat request whose body is too large to be shown to the player. Contract: does not throw. */
  readonly onTooLarge?: (error: OpenAiError) => void;
}

/** A running server of played answers. Disposing it cuts open answers. */
export interface PlayerServer extends AsyncDisposable {
  /** Without `/v1`; both forms work. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts an OpenAI-compatible HTTP server whose answers a player decides. It asks for no token.
 *
 * @throws {LlmError} PORT_UNAVAILABLE when it cannot listen there.
 */
export async function createPlayerServer(options: PlayerServerOptions): Promise<PlayerServer> {
  const { host = '127.0.0.1', port: wantedPort = 0, logger = silentLogger } = options;
  const context = { ...options, logger, clock: options.clock ?? systemClock };
  const server = createServer((request, response) => {
    handle(request, response, context).catch((error: unknown) => {
      if (response.destroyed) return;
      logger.error({ err: error }, 'model player failed to answer');
      if (response.headersSent) {
        breakOff(response);
        return;
      }
      sendError(response, {
        status: 500,
        type: 'server_error',
        code: 'internal_error',
        message: 'the model player failed to answer',
      });
    });
  });
  await listenOn(server, { host, port: wantedPort });
  const port = portOf(server);
  const close = () => closeServer(server);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { url, port, close, [Symbol.asyncDispose]: close };
}

async function listenOn(
  server: Server,
  where: { readonly host: string; readonly port: number },
): Promise<void> {
  try {
    await listen(server, where);
  } catch (cause) {
    throw new LlmError('PORT_UNAVAILABLE', `cannot listen on ${where.host}:${where.port}`, {
      details: { ...where },
      cause,
    });
  }
}

type Context = PlayerServerOptions & { readonly logger: Logger; readonly clock: Clock };

async function handle(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  const read = await readRequest(request);
  if (!read.ok) {
    if (read.error.status === 413) context.onTooLarge?.(read.error);
    sendError(response, read.error);
    return;
  }
  const { clock } = context;
  const { signal } = abort;
  try {
    const answer = await context.player.answer(read.request, signal);
    await sendPlayedAnswer(response, answer, { clock, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    context.logger.debug({ path: read.request.path }, 'client left before its answer was complete');
  }
}

async function readRequest(
  message: IncomingMessage,
): Promise<{ ok: true; request: PlayerRequest } | { ok: false; error: OpenAiError }> {
  const fail = (status: number, code: string, text: string) =>
    ({ ok: false, error: { status, type: 'invalid_request_error', code, message: text } }) as const;
  // Browsers send it with whatever a foreign page posts here.
  if (message.headers.origin !== undefined) {
    return fail(403, 'forbidden_origin', 'this server serves programs, not web pages');
  }
  const path = apiPathOf(message.url);
  if (path === '/models' && message.method === 'GET') {
    return { ok: true, request: { method: 'GET', path, body: '' } };
  }
  if (path !== '/chat/completions' || message.method !== 'POST') {
    const served = 'there are GET /v1/models and POST /v1/chat/completions';
    return fail(404, 'unknown_url', `${message.method} ${message.url} is not served; ${served}`);
  }
  const body = await readBody(message, MAX_BODY_BYTES);
  if (!body.ok) {
    return fail(413, 'request_too_large', `the request body exceeds ${MAX_BODY_BYTES} bytes`);
  }
  return { ok: true, request: { method: 'POST', path, body: body.bytes.toString('utf8') } };
}
