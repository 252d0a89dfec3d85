import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { createRedactor } from '@agentswarm/core';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import type { OpenAiError } from '../http/open-ai-error.ts';
import { readBody } from '../http/read-body.ts';

const MAX_ERROR_BYTES = 1024 * 1024;
const PASSED_HEADERS =
  /^(content-type|content-length|content-encoding|cache-control|retry-after(-ms)?|x-request-id|x-ratelimit-.+)$/;

/** The headers of an answer that concern the client, free of the provider's key. */
export function passedHeaders(answer: IncomingMessage, endpoint: LlmEndpoint): OutgoingHttpHeaders {
  const redact = createRedactor(endpoint.apiKey ? [endpoint.apiKey] : []);
  return Object.fromEntries(
    Object.entries(answer.headers)
      .filter(([name]) => PASSED_HEADERS.test(name))
      .map(([name, value]) => [name, redact(String(value))]),
  );
}

/** An error answer of an endpoint, ready to be sent on. */
export interface UpstreamError {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly bytes: Buffer;
  readonly retryAfter: string | undefined;
}

/** Reads an error answer as it is, except for the provider's key; a redirect is an error of the base URL. */
export async function readUpstreamError(
  answer: IncomingMessage,
  endpoint: LlmEndpoint,
): Promise<UpstreamError> {
  const status = answer.statusCode ?? 502;
  const body = await readBody(answer, MAX_ERROR_BYTES);
  const retryAfter = answer.headers['retry-after'];
  if (status < 400 || !body.ok) {
    const problem = body.ok ? 'instead of a result' : 'with a body that cannot be passed on';
    return unusable(`endpoint ${endpoint.name} answered ${status} ${problem}`);
  }
  const redact = createRedactor(endpoint.apiKey ? [endpoint.apiKey] : []);
  const bytes = Buffer.from(redact(body.bytes.toString('utf8')));
  return { status, headers: passedHeaders(answer, endpoint), bytes, retryAfter };
}

export function sendUpstreamError(response: ServerResponse, { status, headers, bytes }: UpstreamError): void {
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.end(bytes);
}

function unusable(message: string): UpstreamError {
  const error: Omit<OpenAiError, 'status'> = {
    type: 'server_error',
    code: 'endpoint_answer_unusable',
    message,
  };
  const bytes = Buffer.from(JSON.stringify({ error: { ...error, param: null } }));
  return { status: 502, headers: { 'content-type': 'application/json' }, bytes, retryAfter: undefined };
}
