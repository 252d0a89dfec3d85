import type { Stream } from 'openai/streaming';
import { z } from 'zod';
import { LlmError } from '../../errors.ts';
import { tryCall, type ProbeOutcome, type Prober } from './prober.ts';

const text = z.string().nullish();
const MessageSchema = z.object({
  content: text,
  reasoning_content: text,
  /** Newer servers name it so. */
  reasoning: text.catch(null),
  tool_calls: z
    .array(z.object({ function: z.object({ name: z.string(), arguments: z.string() }) }))
    .nullish(),
});
const AnswerSchema = z.object({
  choices: z.array(z.object({ message: MessageSchema, finish_reason: text })).min(1),
  usage: z.unknown().optional(),
});
const ChunkSchema = z.object({
  choices: z.array(
    z.object({
      delta: MessageSchema.omit({ tool_calls: true }).partial().optional(),
      finish_reason: z.string().nullish(),
    }),
  ),
  usage: z.unknown().optional(),
});

export interface ProbeMessage {
  readonly content: string;
  readonly reasoning: string;
  readonly toolNames: readonly string[];
  /** It ended because it was too long. */
  readonly cut: boolean;
}

/** What a stream was like. */
export interface ProbeStream {
  readonly chunks: number;
  readonly finished: boolean;
}

/** Room for thoughts before the answer. */
const MAX_TOKENS = 1024;

/** Asks a question with parameters whose effect is to be seen. */
export function askOnce(
  prober: Prober,
  question: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<ProbeOutcome<ProbeMessage>> {
  return tryCall(prober, {
    promptChars: question.length,
    async send() {
      const raw: unknown = await prober.sdk.post('/chat/completions', {
        body: { ...bodyOf(prober, question), ...parameters },
        ...signalOf(prober),
      });
      const parsed = AnswerSchema.safeParse(raw);
      const choice = parsed.data?.choices[0];
      if (choice === undefined) throw noCompletion(prober, parsed.error);
      const { message, finish_reason } = choice;
      const answer = {
        content: message.content ?? '',
        reasoning: message.reasoning_content ?? message.reasoning ?? '',
        toolNames: (message.tool_calls ?? []).map((call) => call.function.name),
        cut: finish_reason === 'length',
      };
      return {
        answer,
        reportedUsage: parsed.data?.usage,
        completionChars: answer.content.length + answer.reasoning.length,
      };
    },
  });
}

/** Asks a question and reads the answer as a stream. */
export function askStreaming(prober: Prober, question: string): Promise<ProbeOutcome<ProbeStream>> {
  return tryCall(prober, {
    promptChars: question.length,
    async send() {
      const stream = await prober.sdk.post<Stream<unknown>>('/chat/completions', {
        body: { ...bodyOf(prober, question), stream: true, stream_options: { include_usage: true } },
        stream: true,
        ...signalOf(prober),
      });
      let [chunks, finished, completionChars] = [0, false, 0];
      let reportedUsage: unknown;
      for await (const raw of stream) {
        const parsed = ChunkSchema.safeParse(raw);
        if (!parsed.success) throw noCompletion(prober, parsed.error);
        reportedUsage = parsed.data.usage ?? reportedUsage;
        for (const { delta = {}, finish_reason } of parsed.data.choices) {
          const chars = [delta.content, delta.reasoning_content, delta.reasoning].join('').length;
          if (chars > 0) chunks += 1;
          completionChars += chars;
          if (typeof finish_reason === 'string') finished = true;
        }
      }
      return { answer: { chunks, finished }, reportedUsage, completionChars };
    },
  });
}

function bodyOf({ endpoint, maxTokensParameter }: Prober, question: string) {
  return {
    model: endpoint.model,
    messages: [{ role: 'user', content: question }],
    [maxTokensParameter]: MAX_TOKENS,
  } as const;
}

function signalOf({ signal }: Prober): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function noCompletion({ endpoint }: Prober, cause: unknown): LlmError {
  return new LlmError(
    'INVALID_ANSWER',
    `endpoint ${endpoint.name} answered 200 with a body that is no chat completion`,
    { details: { endpoint: endpoint.name, model: endpoint.model, status: 200 }, cause },
  );
}
