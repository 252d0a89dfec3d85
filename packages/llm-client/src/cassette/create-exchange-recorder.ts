import { StringDecoder } from 'node:string_decoder';
import {
  createRedactor,
  silentLogger,
  systemClock,
  type Clock,
  type Logger,
  type Secret,
} from '@agentswarm/core';
import type { ExchangeRecorder, ExchangeTap, RecordedRequest } from './exchange-recorder.ts';
import { CASSETTE_VERSION, type CassetteExchange, type Json, type RecordedResponse } from './exchange.ts';
import { redactPieces, redactRequestBody, type Redact } from './redact-exchange.ts';

const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const KEPT_HEADERS = /^(content-type|retry-after(-ms)?|x-request-id|x-ratelimit-.+)$/;

/** How exchanges are recorded, wherever they go. */
export interface RecordingOptions {
  /** Overwritten in everything that is recorded. Those shorter than 6 characters are not. */
  readonly secrets?: Iterable<Secret>;
  readonly clock?: Clock;
  /** Of one answer; default 32 MiB. What exceeds it is dropped and the exchange marked as truncated. */
  readonly maxAnswerBytes?: number;
  /** Hears of exchanges that cannot be recorded. */
  readonly logger?: Logger;
}

/**
 * A recorder that keeps each exchange in memory until it ends and hands it on free of secrets. Of the headers
 * it keeps content type, request id and limits; bytes must come decompressed. What is no UTF-8 is replaced.
 */
export function createExchangeRecorder(
  options: RecordingOptions & {
    /** Contract: does not throw. */
    readonly onExchange: (exchange: CassetteExchange) => void;
  },
): ExchangeRecorder {
  const { clock = systemClock, logger = silentLogger, maxAnswerBytes = MAX_ANSWER_BYTES } = options;
  const redact = createRedactor(options.secrets ?? []);
  const beganAtMs = clock.nowMs();
  return {
    begin(request) {
      const startedAtMs = clock.nowMs();
      const finish = (heard: HeardAnswer) => {
        try {
          const startedAfterMs = Math.max(0, Math.round(startedAtMs - beganAtMs));
          options.onExchange(exchangeOf(request, { ...heard, startedAtMs: startedAfterMs, redact }));
        } catch (error) {
          // Nested so deeply that it cannot be written; the call itself goes on.
          logger.warn({ err: error, endpoint: request.endpoint }, 'exchange could not be recorded');
        }
      };
      const elapsedMs = () => Math.max(0, Math.round(clock.nowMs() - startedAtMs));
      return createTap({ elapsedMs, maxAnswerBytes, finish });
    },
  };
}

interface HeardAnswer {
  readonly head: Pick<RecordedResponse, 'status' | 'headers' | 'headAtMs'> | undefined;
  readonly chunks: readonly { readonly atMs: number; readonly data: string }[];
  readonly endedAtMs: number;
  readonly end: CassetteExchange['end'];
}

function createTap(about: {
  readonly elapsedMs: () => number;
  readonly maxAnswerBytes: number;
  readonly finish: (heard: HeardAnswer) => void;
}): ExchangeTap {
  const decoder = new StringDecoder('utf8');
  const chunks: { atMs: number; data: string }[] = [];
  let head: HeardAnswer['head'];
  let bytesLeft = about.maxAnswerBytes;
  let truncated = false;
  let ended = false;
  return {
    head(status, headers) {
      head ??= { status, headers: keptHeaders(headers), headAtMs: about.elapsedMs() };
    },
    chunk(bytes) {
      if (ended) return;
      const kept = bytes.subarray(0, bytesLeft);
      truncated ||= kept.length < bytes.length;
      bytesLeft -= kept.length;
      const data = decoder.write(kept);
      if (data !== '') chunks.push({ atMs: about.elapsedMs(), data });
    },
    end(how) {
      if (ended) return;
      ended = true;
      const endedAtMs = about.elapsedMs();
      // The beginning of a character that never came whole.
      const rest = truncated ? '' : decoder.end();
      if (rest !== '') chunks.push({ atMs: endedAtMs, data: rest });
      about.finish({ head, chunks, endedAtMs, end: truncated ? 'truncated' : how });
    },
  };
}

function keptHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => KEPT_HEADERS.test(name)),
  );
}

function exchangeOf(
  request: RecordedRequest,
  heard: HeardAnswer & { readonly startedAtMs: number; readonly redact: Redact },
): CassetteExchange {
  const { redact, startedAtMs, end } = heard;
  const body = redactRequestBody(request.body, redact);
  return {
    version: CASSETTE_VERSION,
    startedAtMs,
    endpoint: redact(request.endpoint),
    model: modelOf(body),
    request: { method: request.method, path: redact(request.path), body },
    response: heard.head === undefined ? null : responseOf(heard.head, heard),
    end,
  };
}

function responseOf(
  head: NonNullable<HeardAnswer['head']>,
  heard: HeardAnswer & { readonly redact: Redact },
): RecordedResponse {
  const { redact, chunks } = heard;
  const headers = Object.fromEntries(
    Object.entries(head.headers).map(([name, value]) => [redact(name), redact(value)]),
  );
  const pieces = redactPieces(
    chunks.map(({ data }) => data),
    redact,
  );
  if (head.headers['content-type']?.startsWith('text/event-stream') !== true) {
    return { ...head, headers, body: { kind: 'whole', atMs: heard.endedAtMs, text: pieces.join('') } };
  }
  const safe = chunks.map(({ atMs }, index) => ({ atMs, data: pieces[index] ?? '' }));
  return { ...head, headers, body: { kind: 'stream', chunks: safe.filter(({ data }) => data !== '') } };
}

function modelOf(body: Json): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return '';
  const { model } = body;
  return typeof model === 'string' ? model : '';
}
