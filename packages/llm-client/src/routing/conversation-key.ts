import { createHash } from 'node:crypto';

/**
 * Names a conversation by its system prompt and first user message: both stay while it grows, and they are the
 * prefix a server has cached.
 */
export function conversationKey(
  messages: readonly { readonly role: string; readonly content: string }[],
): string {
  const hash = createHash('sha256');
  const begin = messages.findIndex(({ role }) => role === 'user');
  for (const { role, content } of messages.slice(0, begin + 1)) hash.update(`${role}\0${content}\0`);
  return hash.digest('base64url');
}
