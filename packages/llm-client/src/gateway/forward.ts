import type { IncomingMessage, ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { NO_USAGE, readUsage } from '../endpoint/token-usage.ts';
import { sendError, type OpenAiError } from '../http/open-ai-error.ts';
import { createByteRedactor } from './byte-redactor.ts';
import { createCallReporter, type CallReporter } from './call-reporter.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { ActiveGrant } from './grants.ts';
import { passedHeaders, sendUpstreamError } from './upstream-answer.ts';
import type { UpstreamStart } from './upstream.ts';
import { createUsageTap } from './usage-tap.ts';

export interface ForwardedCall extends GatewayContext {
  readonly grant: ActiveGrant;
  readonly bytes: Buffer;
  readonly promptChars: number;
  /** Aborted when the client leaves or its token is revoked. */
  readonly signal: AbortSignal;
}

/** Sends a chat completion request on and its answer back, and reports the call once. */
export async function forwardChat(response: ServerResponse, call: ForwardedCall): Promise<void> {
  const reporter = createCallReporter(call);
  const { signal, bytes } = call;
  const start = await call.upstream.open({ method: 'POST', path: '/chat/completions', body: bytes, signal });
  const readByServer = readUsage(undefined, { prompt: call.promptChars, completion: 0 });
  if (start.kind !== 'response') {
    const mayHaveRead = start.kind === 'timed_out' || signal.aborted;
    reporter.report({ ok: false, usage: mayHaveRead ? readByServer : NO_USAGE });
    refuseUnanswered(response, start, call);
    return;
  }
  const status = start.response.statusCode ?? 0;
  if (status >= 200 && status < 300) {
    await passThrough(response, start.response, { call, reporter });
    return;
  }
  reporter.report({ ok: false, usage: NO_USAGE, httpStatus: status });
  await sendUpstreamError(response, start.response, call.endpoint);
}

/** Sends the request for the model list on. It costs nothing and is not reported. */
export async function forwardModels(
  response: ServerResponse,
  call: GatewayContext & { readonly signal: AbortSignal },
): Promise<void> {
  const start = await call.upstream.open({ method: 'GET', path: '/models', signal: call.signal });
  if (start.kind !== 'response') {
    refuseUnanswered(response, start, call);
    return;
  }
  const status = start.response.statusCode ?? 0;
  if (status >= 200 && status < 300) await passThrough(response, start.response, { call });
  else await sendUpstreamError(response, start.response, call.endpoint);
}

type Passing =
  | { readonly call: ForwardedCall; readonly reporter: CallReporter }
  | { readonly call: GatewayContext & { readonly signal: AbortSignal }; readonly reporter?: undefined };

async function passThrough(
  response: ServerResponse,
  answer: IncomingMessage,
  passing: Passing,
): Promise<void> {
  const { call, reporter } = passing;
  const tap = createUsageTap(answer.headers['content-type']);
  const redactor = createByteRedactor(call.endpoint.apiKey);
  const httpStatus = answer.statusCode ?? 200;
  const reportEnd = (arrived: boolean) => {
    if (reporter === undefined) return;
    const { usage, model, completionChars, complete } = tap.end();
    const tokens = readUsage(usage, { prompt: passing.call.promptChars, completion: completionChars });
    reporter.report({
      ok: arrived && complete,
      usage: tokens,
      httpStatus,
      ...(model === undefined ? {} : { model }),
    });
  };
  response.writeHead(httpStatus, passedHeaders(answer, call.endpoint));
  response.flushHeaders();
  const observe = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      tap.push(chunk);
      done(null, redactor.push(chunk));
    },
    flush(done) {
      // Before the end goes out: who has the whole answer finds the call already counted.
      reportEnd(true);
      done(null, redactor.end());
    },
  });
  try {
    await pipeline(answer, observe, response, { signal: call.signal });
  } catch (error) {
    reportEnd(false);
    // The head is out: only a broken connection can tell the client that the answer is not complete.
    response.destroy();
    const level = call.signal.aborted ? 'debug' : 'warn';
    call.logger[level]({ err: error, endpoint: call.endpoint.name }, 'model answer was cut');
  }
}

function refuseUnanswered(
  response: ServerResponse,
  start: Exclude<UpstreamStart, { kind: 'response' }>,
  call: GatewayContext & { readonly signal: AbortSignal },
): void {
  if (call.signal.aborted) {
    response.destroy();
    return;
  }
  const { name } = call.endpoint;
  call.logger.warn({ endpoint: name, reason: start.kind }, 'endpoint gave no answer');
  sendError(response, start.kind === 'timed_out' ? timedOut(name) : unreachable(name, start.error));
}

function timedOut(name: string): OpenAiError {
  const message = `endpoint ${name} gave no answer in time`;
  return { status: 504, type: 'server_error', code: 'endpoint_timed_out', message };
}

function unreachable(name: string, error: unknown): OpenAiError {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no answer';
  const message = `endpoint ${name} cannot be reached: ${code}`;
  return { status: 502, type: 'server_error', code: 'endpoint_unreachable', message };
}
