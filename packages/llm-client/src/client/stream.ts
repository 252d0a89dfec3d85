import { classifyFailure } from '../endpoint/classify-failure.ts';
import { LlmError } from '../errors.ts';
import type { Route } from '../routing/router.ts';
import { createAnswerAssembler, type AnswerAssembler } from './answer-assembler.ts';
import { createCallSequence } from './call-sequence.ts';
import type { Connection } from './connection.ts';
import { createDeadline } from './deadline.ts';
import type { StreamPart } from './llm-client.ts';
import type { PreparedRequest } from './prepared-request.ts';
import { promptTokens } from './prompt-chars.ts';
import { finishCompletion } from './read-completion.ts';
import { requestBody } from './request-body.ts';

const MAX_ANSWER_CHARS = 64 * 1024 * 1024;

/** See {@link LlmClient.stream}. One generator, without helpers in between: each would cost time for every token. */
export async function* stream(
  connection: Connection,
  request: PreparedRequest,
): AsyncGenerator<StreamPart, void, undefined> {
  const calls = createCallSequence(connection, request);
  for (;;) {
    const call = await calls.open();
    const { route } = call;
    const assembler = createAnswerAssembler();
    using deadline = createDeadline(connection.timeoutMs, request.signal);
    let given = false;
    let ended = false;
    try {
      for await (const chunk of await openStream(connection, request, { route, signal: deadline.signal })) {
        // The caller may take its time; only the endpoint is waited for.
        deadline.pause();
        for (const part of assembler.push(chunk)) {
          given = true;
          yield part;
        }
        assertBounded(assembler, route);
        deadline.extend();
      }
      if (!deadline.expired) deadline.pause();
      for (const part of assembler.end()) yield part;
      assertComplete(assembler, route);
      const completion = finishCompletion(assembler.said(), { ...route, request });
      ended = true;
      await call.succeed(completion);
      for (const toolCall of completion.toolCalls) yield { type: 'tool_call', call: toolCall };
      yield { type: 'end', completion };
      return;
    } catch (thrown) {
      if (ended) throw thrown;
      ended = true;
      const error = failureOf(thrown, { connection, request, route, timedOut: deadline.expired });
      await call.fail({
        error,
        ...usageSoFar(assembler, route, request),
        again: given ? 'never' : 'elsewhere',
      });
    } finally {
      // The consumer left the loop.
      if (!ended) await call.abandon(finishCompletion(assembler.said(), { ...route, request }).usage);
    }
  }
}

async function openStream(
  connection: Connection,
  request: PreparedRequest,
  { route, signal }: { readonly route: Route; readonly signal: AbortSignal },
): Promise<AsyncIterable<unknown>> {
  const { endpoint, model } = route;
  const entry = connection.catalog.find(model);
  const body = requestBody(request, { model, mode: 'prompt', entry });
  return await connection.sdkOf(endpoint).post('/chat/completions', {
    body: { ...body, stream: true, stream_options: { include_usage: true } },
    stream: true,
    signal,
  });
}

function failureOf(
  thrown: unknown,
  failed: {
    readonly connection: Connection;
    readonly request: PreparedRequest;
    readonly route: Route;
    readonly timedOut: boolean;
  },
): LlmError {
  const { connection, request, route, timedOut } = failed;
  const about = { ...route, nowMs: connection.clock.nowMs(), timedOut, promptTokens: promptTokens(request) };
  // An aborted stream ends without an error, so what was thrown may only say that it is not complete.
  return classifyFailure(timedOut ? undefined : thrown, about);
}

function usageSoFar(assembler: AnswerAssembler, route: Route, request: PreparedRequest) {
  return assembler.hasAnswer
    ? { usage: finishCompletion(assembler.said(), { ...route, request }).usage }
    : {};
}

function assertBounded({ chars }: AnswerAssembler, { endpoint, model }: Route): void {
  if (chars <= MAX_ANSWER_CHARS) return;
  throw new LlmError(
    'INVALID_ANSWER',
    `endpoint ${endpoint.name} sent an answer of more than ${MAX_ANSWER_CHARS} characters`,
    { details: { endpoint: endpoint.name, model, status: 200 } },
  );
}

/** A stream may lack its last line, but not the reason why the model stopped. */
function assertComplete(assembler: AnswerAssembler, { endpoint, model }: Route): void {
  if (assembler.finished) return;
  const details = { endpoint: endpoint.name, model };
  if (assembler.hasAnswer) {
    throw new LlmError(
      'ANSWER_CUT',
      `endpoint ${endpoint.name} ended the stream before the answer was complete`,
      {
        details,
      },
    );
  }
  throw new LlmError(
    'INVALID_ANSWER',
    `endpoint ${endpoint.name} answered 200 with no chunk of a chat completion`,
    {
      details: { ...details, status: 200 },
    },
  );
}
