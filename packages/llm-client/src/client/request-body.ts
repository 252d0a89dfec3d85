import type { ChatMessage, ToolDefinition } from '../messages/chat-message.ts';
import type { ModelEntry } from '../models/model-entry.ts';
import type { PreparedRequest } from './prepared-request.ts';
import { structuredFields, withSchemaInWords, type StructuredMode } from './structured-mode.ts';
import { selectThinking } from './thinking-choice.ts';

/** What depends on where a request goes. */
export interface RequestTarget {
  readonly model: string;
  readonly mode: StructuredMode;
  /** What is known of the model. */
  readonly entry: ModelEntry | undefined;
}

/** The body of a chat completion request. */
export function requestBody(request: PreparedRequest, target: RequestTarget): Record<string, unknown> {
  const { answerSchema, tools } = request;
  const { entry } = target;
  const thinking = selectThinking(entry, request.thinking);
  const asked = withPrefix(request.messages, thinking.promptPrefix);
  const messages = target.mode === 'prompt' ? withSchemaInWords(asked, answerSchema) : asked;
  return {
    model: target.model,
    messages: messages.map(wireMessage),
    // OpenAI's newer name for it is unknown to many of the servers that follow its protocol.
    [entry?.maxTokensParameter ?? 'max_tokens']: request.maxTokens,
    ...(entry?.fixedSampling === true ? {} : samplingOf(request)),
    ...(tools.length === 0 ? {} : { tools: tools.map(wireTool) }),
    ...structuredFields(answerSchema, target.mode),
    ...thinking.body,
  };
}

function samplingOf({ temperature, topP }: PreparedRequest): Record<string, number> {
  return { temperature, ...(topP === undefined ? {} : { top_p: topP }) };
}

/** Some models take a word before the newest user message for a switch. */
function withPrefix(messages: readonly ChatMessage[], prefix: string | undefined): readonly ChatMessage[] {
  const at = messages.findLastIndex(({ role }) => role === 'user');
  if (prefix === undefined) return messages;
  return messages.map((message, index) =>
    index === at ? { ...message, content: `${prefix} ${message.content}` } : message,
  );
}

function wireMessage(message: ChatMessage): Record<string, unknown> {
  const { role, content } = message;
  if (role === 'tool') return { role, content, tool_call_id: message.toolCallId };
  if (role !== 'assistant' || message.toolCalls === undefined) return { role, content };
  const calls = message.toolCalls.map(({ id, name, arguments: json }) => ({
    id,
    type: 'function',
    function: { name, arguments: json },
  }));
  return { role, content, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
}

function wireTool(tool: ToolDefinition): Record<string, unknown> {
  const { name, description, parameters } = tool;
  return {
    type: 'function',
    function: { name, ...(description === undefined ? {} : { description }), parameters },
  };
}
