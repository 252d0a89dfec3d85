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

/** See {@link LlmClient.stream}. */
export async function* stream(
  connection: Connection,
  request: PreparedRequest,
): AsyncGenerator<StreamPart, void, undefined> {
  const calls = createCallSequence(connection, request);
  for (;;) {
    const call = await calls.open();
    const { endpoint, model } = call.route;
    const origin = { endpoint, model, request };
    const assembler = createAnswerAssembler();
    let given = false;
    let ended = false;
    try {
      for await (const part of receive(connection, request, { route: call.route, assembler })) {
        given = true;
        yield part;
      }
      const completion = finishCompletion(assembler.said(), origin);
      ended = true;
      await call.succeed(completion);
      for (const toolCall of completion.toolCalls) yield { type: 'tool_call', call: toolCall };
      yield { type: 'end', completion };
      return;
    } catch (thrown) {
      if (ended || !(thrown instanceof LlmError)) throw thrown;
      ended = true;
      const read = assembler.hasAnswer ? { usage: finishCompletion(assembler.said(), origin).usage } : {};
      await call.fail({ error: thrown, ...read, again: given ? 'never' : 'elsewhere' });
    } finally {
      // The consumer left the loop.
      if (!ended) await call.abandon(finishCompletion(assembler.said(), origin).usage);
    }
  }
}

/** The parts of one HTTP answer as they come. @throws {LlmError} when it is not a complete answer. */
async function* receive(
  connection: Connection,
  request: PreparedRequest,
  target: { readonly route: Route; readonly assembler: AnswerAssembler },
): AsyncGenerator<StreamPart, void, undefined> {
  const { endpoint, model } = target.route;
  const { assembler } = target;
  using deadline = createDeadline(connection.timeoutMs, request.signal);
  try {
    const chunks: AsyncIterable<unknown> = await connection.sdkOf(endpoint).post('/chat/completions', {
      body: {
        ...requestBody(request, {
          model,
          mode: 'prompt',
          entry: connection.catalog.find(model),
        }),
        stream: true,
        stream_options: { include_usage: true },
      },
      stream: true,
      signal: deadline.signal,
    });
    for await (const chunk of chunks) {
      // The caller may take its time; only the endpoint is waited for.
      deadline.pause();
      for (const part of assembler.push(chunk)) yield part;
      assertBounded(assembler, target.route);
      deadline.extend();
    }
    if (deadline.expired) {
      throw new LlmError('TIMED_OUT', `endpoint ${endpoint.name} fell silent in the middle of its answer`, {
        details: { endpoint: endpoint.name, model },
      });
    }
    deadline.pause();
    for (const part of assembler.end()) yield part;
    assertComplete(assembler, target.route);
  } catch (thrown) {
    const nowMs = connection.clock.nowMs();
    throw classifyFailure(thrown, {
      endpoint,
      model,
      nowMs,
      timedOut: deadline.expired,
      promptTokens: promptTokens(request),
    });
  }
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
