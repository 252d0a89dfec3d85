import type { ChatMessage } from './llm-client.ts';

export function promptChars(messages: readonly ChatMessage[]): number {
  return messages.reduce((chars, { content }) => chars + content.length, 0);
}
