import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { silentLogger, systemClock, type Clock, type Logger } from '@agentswarm/core';
import { apiPathOf } from '../http/api-path.ts';
import { closeServer, listen, portOf } from '../http/listen.ts';
import { sendError, sendJson } from '../http/open-ai-error.ts';
import { answerChat, type ScriptedRequest } from './answer-chat.ts';
import { loadScript } from './load-script.ts';
import type { Script } from './script-schema.ts';

export interface ScriptedModelServerOptions {
  /** Holds `model.json` and the `*.rules.json` files. Read once, at the start. */
  readonly scriptDir: string;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Hears how each chat request is answered, before the answer is sent. Contract: does not throw. */
  readonly onRequest?: (request: ScriptedRequest) => void;
}

/** A running server of authored answers. Disposing it cuts open answers. */
export interface ScriptedModelServer extends AsyncDisposable {
  /** Without `/v1`; both forms work. */
  readonly url: string;
  readonly port: number;
  /** The model it plays. */
  readonly model: string;
  close(): Promise<void>;
}

/**
 * Starts an OpenAI-compatible HTTP server that plays authored answers, chosen by what the request holds. It
 * keeps no state: a repeated request gets the same answer. Any bearer token is accepted, or none.
 *
 * @throws {LlmError} SCRIPT_INVALID listing every problem of the script with file and path.
 * @example
 * await using server = await createScriptedModelServer({ scriptDir: './script' });
 */
export async function createScriptedModelServer(
  options: ScriptedModelServerOptions,
): Promise<ScriptedModelServer> {
  const { host = '127.0.0.1', port = 0, logger = silentLogger, clock = systemClock } = options;
  const script = await loadScript(options.scriptDir);
  const context = { script, logger, clock, startedAtMs: clock.nowMs(), onRequest: options.onRequest };
  const server = createServer((request, response) => {
    route(request, response, context).catch((error: unknown) => {
      if (response.destroyed) return;
      logger.error({ err: error }, 'scripted model server failed to answer');
      sendError(response, {
        status: 500,
        type: 'server_error',
        code: 'internal_error',
        message: 'the scripted model server failed to answer',
      });
    });
  });
  await listen(server, { host, port });
  return describe(server, host, script);
}

function describe(server: Server, host: string, script: Script): ScriptedModelServer {
  const port = portOf(server);
  const close = () => closeServer(server);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    model: script.model,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  context: Parameters<typeof answerChat>[2] & { readonly startedAtMs: number },
): Promise<void> {
  const path = apiPathOf(request.url);
  if (path === '/chat/completions' && request.method === 'POST') {
    await answerChat(request, response, context);
  } else if (path === '/models' && request.method === 'GET') {
    const created = Math.floor(context.startedAtMs / 1000);
    const model = { id: context.script.model, object: 'model', created, owned_by: 'scripted' };
    sendJson(response, { status: 200, body: { object: 'list', data: [model] } });
  } else {
    sendError(response, {
      status: 404,
      type: 'invalid_request_error',
      code: 'unknown_url',
      message: `${request.method} ${request.url} is not served; there are GET /v1/models and POST /v1/chat/completions`,
    });
  }
}
