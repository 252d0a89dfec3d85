import { tokensOfChars } from '../text/estimate-tokens.ts';
import type { ChatMessage, ToolDefinition } from '../messages/chat-message.ts';

interface Prompt {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolDefinition[];
  readonly answerSchema: Readonly<Record<string, unknown>> | undefined;
}

/** Characters the model reads: messages, calls in them, and the descriptions of tools. */
export function promptChars({ messages, tools, answerSchema }: Prompt): number {
  const said = messages.reduce((chars, message) => {
    const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
    const called = calls.reduce((sum, call) => sum + call.name.length + call.arguments.length, 0);
    return chars + message.content.length + called;
  }, 0);
  const described = tools.length === 0 ? 0 : JSON.stringify(tools).length;
  return said + described + (answerSchema === undefined ? 0 : JSON.stringify(answerSchema).length);
}

/** The estimate of a prompt's tokens. */
export function promptTokens(prompt: Prompt): number {
  return tokensOfChars(promptChars(prompt));
}
