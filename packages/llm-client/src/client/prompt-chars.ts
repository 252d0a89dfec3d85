import { tokensOfChars } from '../text/estimate-tokens.ts';
import type { PreparedRequest } from './prepared-request.ts';

/** Characters the model reads: messages, calls in them, and the descriptions of tools. */
export function promptChars({
  messages,
  tools,
  answerSchema,
}: Pick<PreparedRequest, 'messages' | 'tools' | 'answerSchema'>): number {
  const said = messages.reduce((chars, message) => {
    const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
    const called = calls.reduce((sum, call) => sum + call.name.length + call.arguments.length, 0);
    return chars + message.content.length + called;
  }, 0);
  const described = tools.length === 0 ? 0 : JSON.stringify(tools).length;
  return said + described + (answerSchema === undefined ? 0 : JSON.stringify(answerSchema).length);
}

/** The estimate of a prompt's tokens. */
export function promptTokens(request: Parameters<typeof promptChars>[0]): number {
  return tokensOfChars(promptChars(request));
}
