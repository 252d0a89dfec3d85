import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { createRedactor } from '@agentswarm/core';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import { sendError } from '../http/open-ai-error.ts';
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

/** Sends an error answer on as it is, except for the provider's key; a redirect is an error of the base URL. */
export async function sendUpstreamError(
  response: ServerResponse,
  answer: IncomingMessage,
  endpoint: LlmEndpoint,
): Promise<void> {
  const status = answer.statusCode ?? 502;
  const body = await readBody(answer, MAX_ERROR_BYTES);
  if (status < 400 || !body.ok) {
    sendError(response, {
      status: 502,
      type: 'server_error',
      code: 'endpoint_answer_unusable',
      message: `endpoint ${endpoint.name} answered ${status} ${body.ok ? 'instead of a result' : 'with a body that cannot be passed on'}`,
    });
    return;
  }
  const redact = createRedactor(endpoint.apiKey ? [endpoint.apiKey] : []);
  const bytes = Buffer.from(redact(body.bytes.toString('utf8')));
  response.writeHead(status, { ...passedHeaders(answer, endpoint), 'content-length': bytes.length });
  response.end(bytes);
}
