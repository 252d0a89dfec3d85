import type { ModelEntry } from '../models/model-entry.ts';

const CHARS_PER_TOKEN = 4;

/**
 * Estimates the tokens of a text from its UTF-16 length, rounded up: a quarter of it, or what the model's entry says.
 */
export function estimateTokens(text: string, model?: Pick<ModelEntry, 'charsPerToken'>): number {
  return tokensOfChars(text.length, model?.charsPerToken);
}

export function tokensOfChars(chars: number, charsPerToken: number = CHARS_PER_TOKEN): number {
  return Math.ceil(chars / charsPerToken);
}
