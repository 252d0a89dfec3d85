import { classifyFailure } from '../endpoint/classify-failure.ts';
import type { LlmError } from '../errors.ts';
import type { Route } from '../routing/router.ts';
import { createCallSequence } from './call-sequence.ts';
import type { Connection } from './connection.ts';
import { createDeadline } from './deadline.ts';
import type { Completion } from './llm-client.ts';
import type { PreparedRequest } from './prepared-request.ts';
import { promptTokens } from './prompt-chars.ts';
import { readCompletion } from './read-completion.ts';
import { requestBody } from './request-body.ts';
import { nextMode, type StructuredMode } from './structured-mode.ts';

export async function complete(connection: Connection, request: PreparedRequest): Promise<Completion> {
  const calls = createCallSequence(connection, request);
  const { modes } = connection;
  // A schema in a form the server refused is sent in the next form; which one worked is remembered.
  const forced = new Map<string, StructuredMode>();
  for (;;) {
    const call = await calls.open();
    const { endpoint, model } = call.route;
    const mode = forced.get(endpoint.name) ?? modes.modeOf(endpoint, model);
    const outcome = await requestOnce(connection, request, { route: call.route, mode });
    if (outcome.ok) {
      if (request.answerSchema !== undefined) modes.remember(endpoint, model, mode);
      await call.succeed(outcome.completion);
      return outcome.completion;
    }
    const { error } = outcome;
    const lesser = request.answerSchema !== undefined && isBadRequest(error) ? nextMode(mode) : undefined;
    await call.fail({ error, again: lesser === undefined ? 'elsewhere' : 'same_endpoint' });
    if (lesser !== undefined) forced.set(endpoint.name, lesser);
  }
}

type Outcome = { ok: true; completion: Completion } | { ok: false; error: LlmError };

async function requestOnce(
  connection: Connection,
  request: PreparedRequest,
  target: { readonly route: Route; readonly mode: StructuredMode },
): Promise<Outcome> {
  const { endpoint, model } = target.route;
  using deadline = createDeadline(connection.timeoutMs, request.signal);
  try {
    const body: unknown = await connection.sdkOf(endpoint).post('/chat/completions', {
      body: requestBody(request, {
        model,
        mode: target.mode,
        entry: connection.catalog.find(model),
      }),
      signal: deadline.signal,
    });
    return { ok: true, completion: readCompletion(body, { endpoint, model, request }) };
  } catch (thrown) {
    const nowMs = connection.clock.nowMs();
    const failed = {
      endpoint,
      model,
      nowMs,
      timedOut: deadline.expired,
      promptTokens: promptTokens(request),
    };
    return { ok: false, error: classifyFailure(thrown, failed) };
  }
}

function isBadRequest(error: LlmError): boolean {
  const { status } = error.details;
  return status === 400 || status === 422;
}
