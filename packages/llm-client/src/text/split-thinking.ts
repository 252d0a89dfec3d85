import { createThinkingFilter, type ThinkingPart } from './thinking-filter.ts';
import { CLOSING_TAGS, OPENING_TAGS } from './thinking-tags.ts';

/** An answer without what the model thought, and the thoughts. */
export interface SplitThinking {
  readonly text: string;
  /** Of all blocks, one after the other. */
  readonly reasoning: string;
}

/**
 * Separates leading blocks of thought (`<think>…</think>` and the like) from an answer. A block without end is all
 * reasoning; where a chat template swallowed the opening tag, everything before the closing one is. Tags inside
 * an answer, in quotes, or in an answer that begins with JSON or a code fence are part of it.
 */
export function splitThinking(text: string): SplitThinking {
  const filter = createThinkingFilter({ opened: lacksOpeningTag(text) });
  const parts = [...filter.push(text), ...filter.end()];
  return { text: joined(parts, 'text'), reasoning: joined(parts, 'reasoning') };
}

const ESCAPED = (tags: readonly string[]) => tags.map((tag) => tag.replace(/[[\]/]/g, '\\$&')).join('|');
const ANY_TAG = new RegExp(`(${ESCAPED(OPENING_TAGS)})|(?<![\`'"])(?:${ESCAPED(CLOSING_TAGS)})`, 'i');

function lacksOpeningTag(text: string): boolean {
  if (/^\s*(?:\{|\[(?!\/?think\])|```)/i.test(text)) return false;
  const first = ANY_TAG.exec(text);
  return first !== null && first[1] === undefined;
}

function joined(parts: readonly ThinkingPart[], type: ThinkingPart['type']): string {
  return parts
    .filter((part) => part.type === type)
    .map((part) => part.text)
    .join('');
}
