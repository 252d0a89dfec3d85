const MAX_CONVERSATIONS = 10_000;

/** Which endpoint a conversation was last sent to; the longest unused are forgotten. */
export interface Affinity {
  find(conversation: string | undefined): string | undefined;
  remember(conversation: string | undefined, endpoint: string): void;
}

export function createAffinity(): Affinity {
  const byConversation = new Map<string, string>();
  return {
    find: (conversation) => (conversation === undefined ? undefined : byConversation.get(conversation)),
    remember(conversation, endpoint) {
      if (conversation === undefined) return;
      byConversation.delete(conversation);
      byConversation.set(conversation, endpoint);
      if (byConversation.size <= MAX_CONVERSATIONS) return;
      const [oldest] = byConversation.keys();
      if (oldest !== undefined) byConversation.delete(oldest);
    },
  };
}
