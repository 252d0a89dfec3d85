import { createRedactor } from '@agentswarm/core';
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { LlmError, type LlmErrorCode } from '../errors.ts';
import { isOutOfMemory, suggestNote } from '../models/out-of-memory.ts';
import { truncateMiddle } from '../text/truncate-middle.ts';
import { apiBaseUrl, type LlmEndpoint } from './endpoint.ts';
import { parseRetryAfterMs } from './retry-after.ts';

const MAX_SERVER_TEXT_CHARS = 2_000;
const MAX_CAUSE_DEPTH = 5;

/** What a failed request concerned. */
export interface FailedRequest {
  readonly endpoint: LlmEndpoint;
  readonly model: string;
  readonly nowMs: number;
  /** Our own bound ended it, whatever was thrown. */
  readonly timedOut?: boolean;
  /** Estimated; for the note that would keep such a prompt away from the model. */
  readonly promptTokens?: number;
}

/**
 * Turns what the SDK threw into an {@link LlmError}. Answers of the server are quoted with the key
 * redacted; they are never attached raw, because some servers echo the key they reject.
 */
export function classifyFailure(thrown: unknown, request: FailedRequest): LlmError {
  if (thrown instanceof LlmError) return thrown;
  const { endpoint, model } = request;
  const details = { endpoint: endpoint.name, model };
  const where = `endpoint ${endpoint.name} (${apiBaseUrl(endpoint)})`;
  if (request.timedOut === true || thrown instanceof APIConnectionTimeoutError) {
    return new LlmError('TIMED_OUT', `${where} gave no complete answer in time`, { details });
  }
  if (thrown instanceof APIConnectionError) {
    const reason = redactorOf(endpoint)(rootCauseOf(thrown));
    return new LlmError('ENDPOINT_UNREACHABLE', `${where} cannot be reached: ${reason}`, { details });
  }
  if (thrown instanceof APIError) return fromAnswer(thrown as APIError, request);
  if (thrown instanceof SyntaxError) {
    return new LlmError('INVALID_ANSWER', `${where} answered 200 with a body that is no JSON`, {
      details: { ...details, status: 200 },
    });
  }
  return new LlmError(
    'ANSWER_CUT',
    // A key that no header can hold is quoted by whoever refuses it.
    `${where} ended the answer before it was complete: ${redactorOf(endpoint)(rootCauseOf(thrown))}`,
    {
      details,
    },
  );
}

function fromAnswer(error: APIError, request: FailedRequest): LlmError {
  const { status, headers } = error;
  const text = serverText(error);
  if (status === undefined) return saidAfterSuccess(text, request);
  return errorOfStatus({ status, text, retryAfter: headers?.get('retry-after') ?? undefined }, request);
}

/** Some servers find out that they cannot answer after they have said 200. */
export function saidAfterSuccess(text: string, { endpoint, model }: Omit<FailedRequest, 'nowMs'>): LlmError {
  const said = truncateMiddle(redactorOf(endpoint)(text), MAX_SERVER_TEXT_CHARS, 'the server’s answer');
  return new LlmError('SERVER_ERROR', `endpoint ${endpoint.name} answered 200 with an error: ${said}`, {
    details: { endpoint: endpoint.name, model, status: 200 },
  });
}

/** The error an HTTP status of 400 or more stands for. */
export function errorOfStatus(
  answer: { readonly status: number; readonly text: string; readonly retryAfter: string | undefined },
  { endpoint, model, nowMs, promptTokens }: FailedRequest,
): LlmError {
  const { status } = answer;
  const retryAfterMs = parseRetryAfterMs(answer.retryAfter, nowMs);
  const crashed = status >= 500 && isOutOfMemory({ body: answer.text });
  const code = crashed ? 'MODEL_CRASHED' : codeOfStatus(status);
  const text = truncateMiddle(
    redactorOf(endpoint)(answer.text),
    MAX_SERVER_TEXT_CHARS,
    'the server’s answer',
  );
  const about = code === 'MODEL_UNKNOWN' ? ` for model ${model}` : '';
  return new LlmError(code, `endpoint ${endpoint.name} answered ${status}${about}: ${text}`, {
    details: {
      endpoint: endpoint.name,
      model,
      status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(crashed && promptTokens !== undefined
        ? { suggestedNote: suggestNote(model, promptTokens).line }
        : {}),
    },
  });
}

function redactorOf({ apiKey }: LlmEndpoint): (text: string) => string {
  return createRedactor(apiKey === undefined ? [] : [apiKey]);
}

function codeOfStatus(status: number): LlmErrorCode {
  if (status === 401 || status === 403) return 'AUTH_REJECTED';
  if (status === 404) return 'MODEL_UNKNOWN';
  if (status === 429) return 'RATE_LIMITED';
  // 501 and 505 say that the request can never be served.
  if (status >= 500 && status !== 501 && status !== 505) return 'SERVER_ERROR';
  return 'REQUEST_REJECTED';
}

function serverText(error: APIError): string {
  const body: unknown = error.error;
  if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string') {
    return body.message;
  }
  return error.message;
}

function rootCauseOf(thrown: unknown): string {
  let current = thrown;
  for (let depth = 0; depth < MAX_CAUSE_DEPTH; depth += 1) {
    const next = propertyOf(current, 'cause') ?? firstOf(current);
    if (next === undefined || next === null) break;
    current = next;
  }
  const parts = [propertyOf(current, 'code'), propertyOf(current, 'message') ?? current];
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' ');
}

/** Node tries every address of a name and fails with the list. */
function firstOf(value: unknown): unknown {
  return value instanceof AggregateError ? (value.errors as readonly unknown[])[0] : undefined;
}

function propertyOf(value: unknown, name: 'cause' | 'code' | 'message'): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<typeof name, unknown>)[name]
    : undefined;
}
