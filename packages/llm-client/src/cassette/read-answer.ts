import { z } from 'zod';
import type { ToolCall } from '../messages/chat-message.ts';
import type { Answer } from '../player/completion-body.ts';
import { textOfBody, type RecordedResponse } from './exchange.ts';
import { parseJson } from './read-cassette.ts';

const text = z.string().nullish().catch(null);
const DeltaSchema = z.object({
  content: text,
  reasoning_content: text,
  tool_calls: z
    .array(
      z.object({
        index: z.int().min(0).optional(),
        id: text,
        function: z.object({ name: text, arguments: text }).catch({ name: null, arguments: null }),
      }),
    )
    .nullish()
    .catch(null),
});
const CompletionSchema = z.object({
  id: z.string().catch(''),
  created: z.number().catch(0),
  model: z.string().catch(''),
  choices: z.array(
    z.object({ delta: DeltaSchema.optional(), message: DeltaSchema.optional(), finish_reason: text }),
  ),
  usage: z.unknown().optional(),
});
type Completion = z.infer<typeof CompletionSchema>;

/** What a recorded answer says, whichever form it has; undefined when it is no chat completion or turns into an error. */
export function readAnswer(response: RecordedResponse): Answer | undefined {
  const parsed = z.array(CompletionSchema).safeParse(documentsOf(response));
  const [first] = parsed.data ?? [];
  if (parsed.data === undefined || first === undefined) return undefined;
  const documents = parsed.data;
  const choices = documents.flatMap((document) => document.choices.slice(0, 1));
  const parts = choices.flatMap(({ delta, message }) => delta ?? message ?? []);
  return {
    id: first.id,
    createdSeconds: first.created,
    model: first.model,
    text: joined(parts.map(({ content }) => content)),
    reasoning: joined(parts.map(({ reasoning_content }) => reasoning_content)),
    toolCalls: toolCallsOf(parts),
    finishReason: choices.findLast(({ finish_reason }) => finish_reason)?.finish_reason ?? null,
    usage: usageOf(documents),
  };
}

function documentsOf({ body }: RecordedResponse): readonly unknown[] {
  const bytes = textOfBody(body);
  if (body.kind === 'whole') return [parseJson(bytes)?.value];
  return bytes
    .split('\n')
    .filter((line) => line.startsWith('data:') && line.slice('data:'.length).trim() !== '[DONE]')
    .map((line) => parseJson(line.slice('data:'.length))?.value);
}

function joined(texts: readonly (string | null | undefined)[]): string | undefined {
  const said = texts.filter((part) => typeof part === 'string');
  return said.length === 0 ? undefined : said.join('');
}

function toolCallsOf(parts: readonly z.infer<typeof DeltaSchema>[]): readonly ToolCall[] {
  const calls = new Map<number, { id: string; name: string; arguments: string }>();
  for (const { tool_calls } of parts) {
    for (const [position, call] of (tool_calls ?? []).entries()) {
      const index = call.index ?? position;
      const sofar = calls.get(index) ?? { id: '', name: '', arguments: '' };
      calls.set(index, {
        id: sofar.id === '' ? (call.id ?? '') : sofar.id,
        name: sofar.name + (call.function.name ?? ''),
        arguments: sofar.arguments + (call.function.arguments ?? ''),
      });
    }
  }
  return [...calls.entries()].toSorted(([a], [b]) => a - b).map(([, call]) => call);
}

function usageOf(documents: readonly Completion[]): unknown {
  return documents.findLast(({ usage }) => usage !== undefined && usage !== null)?.usage;
}
