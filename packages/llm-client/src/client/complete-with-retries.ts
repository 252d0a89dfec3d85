import type { Clock, Logger, ModelCalledEvent, ModelRole } from '@agentswarm/core';
import type OpenAI from 'openai';
import { classifyFailure } from '../endpoint/classify-failure.ts';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import { planRetry } from '../endpoint/retry-policy.ts';
import { NO_USAGE, readUsage, type TokenUsage } from '../endpoint/token-usage.ts';
import type { LlmError } from '../errors.ts';
import type { CallAttribution, ChatMessage, Completion } from './llm-client.ts';
import { promptChars } from './prompt-chars.ts';
import { readCompletion } from './read-completion.ts';

export interface Connection {
  readonly endpoint: LlmEndpoint;
  readonly sdk: OpenAI;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onCall: (event: ModelCalledEvent) => void;
}

/** A request with every default filled in. */
export interface PreparedRequest {
  readonly role: ModelRole;
  readonly messages: readonly ChatMessage[];
  readonly model: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number | undefined;
  readonly attribution: CallAttribution;
  readonly signal: AbortSignal | undefined;
}

export async function completeWithRetries(
  connection: Connection,
  request: PreparedRequest,
): Promise<Completion> {
  for (let attempt = 1; ; attempt += 1) {
    request.signal?.throwIfAborted();
    const outcome = await requestOnce(connection, request);
    if (outcome.ok) return outcome.completion;
    request.signal?.throwIfAborted();
    const delayMs = planRetry(outcome.error, attempt, Math.random());
    if (delayMs === undefined) throw outcome.error;
    connection.logger.warn(
      { endpoint: connection.endpoint.name, code: outcome.error.code, attempt, delayMs },
      'model call will be tried again',
    );
    await connection.clock.sleep(delayMs, request.signal);
  }
}

type Outcome = { ok: true; completion: Completion } | { ok: false; error: LlmError };

async function requestOnce(connection: Connection, request: PreparedRequest): Promise<Outcome> {
  const { clock, endpoint } = connection;
  const startedAtMs = clock.nowMs();
  const outcome = await attemptRequest(connection, request);
  const usage = outcome.ok ? outcome.completion.usage : usageOfFailure(outcome.error, request);
  const httpStatus = outcome.ok ? 200 : outcome.error.details['status'];
  connection.onCall({
    type: 'model_called',
    role: request.role,
    ...request.attribution,
    endpoint: endpoint.name,
    model: outcome.ok ? outcome.completion.model : request.model,
    ok: outcome.ok,
    ...(typeof httpStatus === 'number' ? { httpStatus } : {}),
    ...usage,
    durationMs: clock.nowMs() - startedAtMs,
  });
  return outcome;
}

async function attemptRequest(connection: Connection, request: PreparedRequest): Promise<Outcome> {
  const { sdk, endpoint, clock } = connection;
  try {
    const body: unknown = await sdk.post('/chat/completions', {
      body: {
        model: request.model,
        messages: request.messages,
        // OpenAI's newer name for it is unknown to many of the servers that follow its protocol.
        max_tokens: request.maxTokens,
        temperature: request.temperature,
        ...(request.topP === undefined ? {} : { top_p: request.topP }),
      },
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    return { ok: true, completion: readCompletion(body, { endpoint, ...request }) };
  } catch (thrown) {
    return {
      ok: false,
      error: classifyFailure(thrown, { endpoint, model: request.model, nowMs: clock.nowMs() }),
    };
  }
}

/** A server that refused or was not reached consumed nothing; one that broke off had read the prompt. */
function usageOfFailure(error: LlmError, request: PreparedRequest): TokenUsage {
  const refused = typeof error.details['status'] === 'number' && error.details['status'] >= 400;
  if (refused || error.code === 'ENDPOINT_UNREACHABLE') return NO_USAGE;
  return readUsage(undefined, { prompt: promptChars(request.messages), completion: 0 });
}
