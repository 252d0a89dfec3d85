import { z } from 'zod';
import { tokensOfChars } from '../text/estimate-tokens.ts';

/** Tokens a call consumed. */
export interface TokenUsage {
  readonly promptTokens: number;
  /** How many of the prompt tokens the server had cached; absent when it does not say. */
  readonly cachedPromptTokens?: number;
  readonly completionTokens: number;
  /** The server sent no (believable) usage: the counts are a quarter of the characters. */
  readonly estimated: boolean;
}

const count = z.int().min(0).max(1_000_000_000);
const ReportedUsageSchema = z.object({
  prompt_tokens: count,
  completion_tokens: count.default(0),
  // Nonsense here does not make the counts themselves unbelievable.
  prompt_tokens_details: z.object({ cached_tokens: count }).optional().catch(undefined),
});

/** The usage a server reported, or the estimate where it reported none or nonsense. */
export function readUsage(
  reported: unknown,
  chars: { readonly prompt: number; readonly completion: number },
): TokenUsage {
  const parsed = ReportedUsageSchema.safeParse(reported);
  if (parsed.success) {
    const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = parsed.data;
    const cached = parsed.data.prompt_tokens_details?.cached_tokens;
    return {
      promptTokens,
      ...(cached !== undefined && { cachedPromptTokens: Math.min(cached, promptTokens) }),
      completionTokens,
      estimated: false,
    };
  }
  return {
    promptTokens: tokensOfChars(chars.prompt),
    completionTokens: tokensOfChars(chars.completion),
    estimated: true,
  };
}

export const NO_USAGE: TokenUsage = { promptTokens: 0, completionTokens: 0, estimated: false };

export function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  const saysCached = a.cachedPromptTokens !== undefined || b.cachedPromptTokens !== undefined;
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    ...(saysCached && { cachedPromptTokens: (a.cachedPromptTokens ?? 0) + (b.cachedPromptTokens ?? 0) }),
    completionTokens: a.completionTokens + b.completionTokens,
    estimated: a.estimated || b.estimated,
  };
}
