import { z } from 'zod';
import { saidAfterSuccess } from '../endpoint/classify-failure.ts';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import { readUsage } from '../endpoint/token-usage.ts';
import { LlmError } from '../errors.ts';
import type { ToolCall } from '../messages/chat-message.ts';
import { splitThinking } from '../text/split-thinking.ts';
import { recoverToolCalls } from '../text/tool-calls/recover-tool-calls.ts';
import type { Completion } from './llm-client.ts';
import type { PreparedRequest } from './prepared-request.ts';
import { promptChars } from './prompt-chars.ts';
import { readToolCalls } from './tool-call-collector.ts';

const CompletionSchema = z.object({
  model: z.string().optional().catch(undefined),
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.string().nullish(),
          reasoning_content: z.string().nullish().catch(null),
          reasoning: z.string().nullish().catch(null),
          tool_calls: z.unknown().optional(),
        }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.unknown().optional(),
});

/** Where an answer comes from. */
export interface AnswerOrigin {
  readonly endpoint: LlmEndpoint;
  readonly model: string;
  readonly request: PreparedRequest;
}

const ErrorSchema = z.object({ error: z.object({ message: z.string().catch('without a message') }) });

/**
 * Reads the body of a successful answer.
 *
 * @throws {LlmError} INVALID_ANSWER when it is no chat completion; SERVER_ERROR when it is an error.
 */
export function readCompletion(received: unknown, origin: AnswerOrigin): Completion {
  const { endpoint, model } = origin;
  // Under another content type than JSON's, the body comes as text.
  const body = typeof received === 'string' ? parseOrSame(received) : received;
  const failed = ErrorSchema.safeParse(body);
  if (failed.success) throw saidAfterSuccess(failed.data.error.message, { endpoint, model });
  const parsed = CompletionSchema.safeParse(body);
  const choice = parsed.data?.choices[0];
  if (!parsed.success || choice === undefined) {
    const problem = parsed.success ? 'no choices' : z.prettifyError(parsed.error);
    throw new LlmError(
      'INVALID_ANSWER',
      `endpoint ${endpoint.name} answered 200 with a body that is no chat completion: ${problem}`,
      { details: { endpoint: endpoint.name, model, status: 200 } },
    );
  }
  const { content, reasoning_content, reasoning, tool_calls } = choice.message;
  const said = {
    text: content ?? '',
    reasoning: reasoning_content ?? reasoning ?? '',
    toolCalls: readToolCalls(tool_calls),
    finishReason: choice.finish_reason ?? 'stop',
    model: parsed.data.model,
    usage: parsed.data.usage,
  };
  return finishCompletion(said, origin);
}

function parseOrSame(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** What a server said, before it is made sense of. */
export interface SaidAnswer {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: string;
  readonly model: string | undefined;
  readonly usage: unknown;
}

/** Takes think blocks and calls that were written as text out of the text, and counts the tokens. */
export function finishCompletion(said: SaidAnswer, { endpoint, model, request }: AnswerOrigin): Completion {
  const thought = splitThinking(said.text);
  const names = said.toolCalls.length > 0 ? [] : request.tools.map(({ name }) => name);
  const { text, toolCalls } =
    names.length === 0
      ? { text: thought.text, toolCalls: said.toolCalls }
      : recoverToolCalls(thought.text, names);
  const called = said.toolCalls.reduce((sum, call) => sum + call.name.length + call.arguments.length, 0);
  const completion = said.text.length + said.reasoning.length + called;
  return {
    text,
    reasoning: [said.reasoning, thought.reasoning].filter((part) => part !== '').join('\n'),
    toolCalls,
    usage: readUsage(said.usage, { prompt: promptChars(request), completion }),
    endpoint: endpoint.name,
    model: said.model ?? model,
    finishReason: said.finishReason,
  };
}
