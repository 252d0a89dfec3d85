import type { ModelEntry, TokenizerName } from '../models/model-entry.ts';
import { estimateTokens } from '../text/estimate-tokens.ts';

/** Counts the tokens of a text. */
export interface Tokenizer {
  /** The model's own encoding, save for long runs without spaces; false: an estimate. */
  readonly exact: boolean;
  /** Special tokens in the text count as plain text. */
  count(text: string): number;
}

/**
 * Gives the tokenizer of a model: exact where its entry names the encoding, otherwise the estimate. The tables of an
 * encoding (some megabytes) are loaded by the first call that needs them.
 */
export async function loadTokenizer(
  model?: Pick<ModelEntry, 'tokenizer' | 'charsPerToken'>,
): Promise<Tokenizer> {
  if (model?.tokenizer === undefined) return { exact: false, count: (text) => estimateTokens(text, model) };
  const { countTokens } = await loadEncoding(model.tokenizer);
  // Text is data here; by default the library refuses texts that contain special tokens.
  const asText = { disallowedSpecial: new Set<string>() };
  return {
    exact: true,
    count: (text) => slicesOf(text).reduce((tokens, slice) => tokens + countTokens(slice, asText), 0),
  };
}

/**
 * Cuts where a token ends anyway: before a word's space. The library needs the square of the length of a run without such
 * a place; those are cut anywhere, at the price of a token too many per thousand characters.
 */
function slicesOf(text: string): readonly string[] {
  return text.match(/[^]{1,1024}(?= \S)|[^]{1,1024}/gu) ?? [];
}

function loadEncoding(name: TokenizerName) {
  switch (name) {
    case 'o200k_base':
      return import('gpt-tokenizer/encoding/o200k_base');
    case 'o200k_harmony':
      return import('gpt-tokenizer/encoding/o200k_harmony');
    case 'cl100k_base':
      return import('gpt-tokenizer/encoding/cl100k_base');
  }
}
