const CHARS_PER_TOKEN = 4;

/** Estimates the tokens of a text as a quarter of its UTF-16 length, rounded up. */
export function estimateTokens(text: string): number {
  return tokensOfChars(text.length);
}

export function tokensOfChars(chars: number): number {
  return Math.ceil(chars / CHARS_PER_TOKEN);
}
