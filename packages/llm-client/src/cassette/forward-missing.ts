import { silentLogger, type Logger } from '@agentswarm/core';
import { apiBaseUrl, type LlmEndpoint } from '../endpoint/endpoint.ts';
import { createByteRedactor, type ByteRedactor } from '../gateway/byte-redactor.ts';
import type { PlayedAnswer, PlayedChunk, PlayerRequest } from '../player/model-player.ts';
import { playedError } from '../player/played-json.ts';
import type { ExchangeRecorder, ExchangeTap } from './exchange-recorder.ts';

const PASSED_HEADERS = ['content-type', 'retry-after', 'x-request-id'];

/**
 * Sends requests on to an endpoint and records what succeeded as a whole. Refusals, errors and answers that were
 * cut are passed on and not recorded: the next time they are asked for again.
 *
 * @throws {LlmError} ENDPOINT_INVALID when the base URL is not usable.
 */
export function createMissingForwarder(
  endpoint: LlmEndpoint,
  to: { readonly recorder: ExchangeRecorder; readonly logger?: Logger },
): (request: PlayerRequest, signal: AbortSignal) => Promise<PlayedAnswer> {
  const base = apiBaseUrl(endpoint);
  const { recorder, logger = silentLogger } = to;
  return async (request, signal) => {
    const { method, path, body } = request;
    const tap = recorder.begin({ method, path, body, endpoint: endpoint.name });
    try {
      const response = await fetch(base + path, {
        method,
        headers: headersFor(endpoint),
        redirect: 'manual',
        signal,
        ...(method === 'POST' ? { body } : {}),
      });
      return passOn(response, { tap, redactor: createByteRedactor(endpoint.apiKey) });
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ err: error, endpoint: endpoint.name }, 'endpoint gave no answer');
      return playedError({
        status: 502,
        type: 'server_error',
        code: 'endpoint_unreachable',
        message: `endpoint ${endpoint.name} cannot be reached`,
      });
    }
  };
}

function headersFor(endpoint: LlmEndpoint): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(endpoint.apiKey === undefined ? {} : { authorization: `Bearer ${endpoint.apiKey.reveal()}` }),
  };
}

interface Passing {
  readonly tap: ExchangeTap;
  readonly redactor: ByteRedactor;
}

function passOn(response: Response, passing: Passing): PlayedAnswer {
  const headers = Object.fromEntries(
    PASSED_HEADERS.flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value] as const];
    }),
  );
  passing.tap.head(response.status, headers);
  return {
    delayMs: 0,
    head: { status: response.status, headers },
    chunks: chunksOf(response, passing),
    end: 'complete',
  };
}

async function* chunksOf(response: Response, { tap, redactor }: Passing): AsyncGenerator<PlayedChunk> {
  const body: AsyncIterable<Uint8Array> | null = response.body;
  for await (const bytes of body ?? []) {
    tap.chunk(bytes);
    yield { afterMs: 0, data: redactor.push(Buffer.from(bytes)) };
  }
  if (response.ok) tap.end('complete');
  yield { afterMs: 0, data: redactor.end() };
}
