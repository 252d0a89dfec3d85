import { z } from 'zod';

const ContentSchema = z
  .union([z.string(), z.array(z.object({ type: z.string(), text: z.string().optional() }))])
  .nullish()
  .transform((content) =>
    typeof content === 'string' ? content : (content ?? []).map(({ text }) => text ?? '').join(''),
  );

/** What the scripted server reads of a chat completion request. */
export const ChatRequestSchema = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: ContentSchema })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(z.object({ function: z.object({ name: z.string() }).optional() })).nullish(),
});
export type ChatRequest = z.infer<typeof ChatRequestSchema>;

/** A conversation as the rules see it. */
export interface Conversation {
  readonly model: string;
  /** System and developer messages, joined. */
  readonly system: string;
  /** User messages, joined. */
  readonly user: string;
  readonly lastUser: string;
  /** Which answer after the last user message this is, counted from 1. */
  readonly step: number;
  /** Tool results after the last user message, oldest first. */
  readonly toolResults: readonly string[];
  readonly toolNames: readonly string[];
  readonly messageCount: number;
}

export function readConversation(request: ChatRequest): Conversation {
  const { messages } = request;
  const textOf = (...roles: string[]) =>
    messages.filter(({ role }) => roles.includes(role)).map(({ content }) => content);
  const lastUserAt = messages.findLastIndex(({ role }) => role === 'user');
  const since = messages.slice(lastUserAt + 1);
  return {
    model: request.model,
    system: textOf('system', 'developer').join('\n\n'),
    user: textOf('user').join('\n\n'),
    lastUser: messages[lastUserAt]?.content ?? '',
    step: since.filter(({ role }) => role === 'assistant').length + 1,
    toolResults: since.filter(({ role }) => role === 'tool').map(({ content }) => content),
    toolNames: (request.tools ?? []).flatMap((tool) => tool.function?.name ?? []),
    messageCount: messages.length,
  };
}
