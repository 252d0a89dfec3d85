import { z } from 'zod';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import { readUsage } from '../endpoint/token-usage.ts';
import { LlmError } from '../errors.ts';
import type { ChatMessage, Completion } from './llm-client.ts';
import { promptChars } from './prompt-chars.ts';

const CompletionSchema = z.object({
  model: z.string().optional(),
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), reasoning_content: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.unknown().optional(),
});

/** Reads the body of a successful answer. @throws {LlmError} INVALID_ANSWER when it is no chat completion. */
export function readCompletion(
  body: unknown,
  request: {
    readonly endpoint: LlmEndpoint;
    readonly model: string;
    readonly messages: readonly ChatMessage[];
  },
): Completion {
  const { endpoint, model, messages } = request;
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
  const text = choice.message.content ?? '';
  const completionChars = text.length + (choice.message.reasoning_content?.length ?? 0);
  return {
    text,
    usage: readUsage(parsed.data.usage, { prompt: promptChars(messages), completion: completionChars }),
    model: parsed.data.model ?? model,
    finishReason: choice.finish_reason ?? 'stop',
  };
}
