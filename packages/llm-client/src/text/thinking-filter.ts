import { CLOSING_TAGS, closingTagsOf, OPENING_TAGS } from './thinking-tags.ts';

export interface ThinkingPart {
  readonly type: 'text' | 'reasoning';
  readonly text: string;
}

/** Tells thoughts from the answer while a text arrives. */
export interface ThinkingFilter {
  /** What is certain by now, in order. */
  push(chunk: string): readonly ThinkingPart[];
  /** What was held back. The filter cannot be used again. */
  end(): readonly ThinkingPart[];
  /** The answer has begun: whatever follows is text, and need not be pushed. */
  readonly answering: boolean;
}

const LONGEST_TAG = Math.max(...[...OPENING_TAGS, ...CLOSING_TAGS].map(({ length }) => length));

/**
 * Creates a filter for one answer. Blocks of thought stand before the answer; tags inside the answer belong to
 * it. Only white space before the answer and what may become a tag is held back, so the joined parts do not
 * depend on where the text was cut.
 *
 * @param options.opened - The prompt already holds the opening tag, as some chat templates do: everything
 * before the first closing tag is thought. Whether that was so cannot be known while streaming.
 */
export function createThinkingFilter(options: { readonly opened?: boolean } = {}): ThinkingFilter {
  /** Closing tags that end the block; none outside of blocks. */
  let closing: readonly string[] = options.opened === true ? CLOSING_TAGS : [];
  let answering = false;
  let hadBlock = options.opened === true;
  let space = '';
  let pending = '';

  const readReasoning = (emit: Emit, final: boolean): boolean => {
    const found = firstTag(pending, closing);
    if (found === undefined) {
      const certain = pending.length - (final ? 0 : tagPrefixLength(pending, closing));
      emit('reasoning', pending.slice(0, certain));
      pending = pending.slice(certain);
      return false;
    }
    emit('reasoning', pending.slice(0, found.at));
    pending = pending.slice(found.at + found.tag.length);
    closing = [];
    hadBlock = true;
    return true;
  };

  const readStart = (emit: Emit, final: boolean): boolean => {
    const bare = pending.trimStart();
    space += pending.slice(0, pending.length - bare.length);
    pending = bare;
    const head = lowerCase(bare.slice(0, LONGEST_TAG));
    const tag = OPENING_TAGS.find((candidate) => head.startsWith(candidate));
    if (tag !== undefined) {
      pending = bare.slice(tag.length);
      closing = closingTagsOf(tag);
      space = '';
      return true;
    }
    if (!final && OPENING_TAGS.some((candidate) => candidate.startsWith(head))) return false;
    answering = true;
    // White space after a block only separates it from the answer.
    if (!hadBlock) emit('text', space);
    return true;
  };

  const read = (chunk: string, final: boolean): readonly ThinkingPart[] => {
    pending += chunk;
    const parts: ThinkingPart[] = [];
    const emit: Emit = (type, text) => {
      if (text !== '') parts.push({ type, text });
    };
    let more = true;
    while (more && !answering) {
      more = closing.length > 0 ? readReasoning(emit, final) : readStart(emit, final);
    }
    if (!answering) return parts;
    emit('text', pending);
    pending = '';
    return parts;
  };

  return {
    get answering() {
      return answering;
    },
    push: (chunk) => read(chunk, false),
    end: () => read('', true),
  };
}

type Emit = (type: ThinkingPart['type'], text: string) => void;

function firstTag(text: string, tags: readonly string[]): { at: number; tag: string } | undefined {
  const lower = lowerCase(text);
  let first: { at: number; tag: string } | undefined;
  for (const tag of tags) {
    const at = lower.indexOf(tag);
    if (at >= 0 && (first === undefined || at < first.at)) first = { at, tag };
  }
  return first;
}

/** Length of the longest end of a text that a tag could begin with. */
function tagPrefixLength(text: string, tags: readonly string[]): number {
  const tail = lowerCase(text.slice(-LONGEST_TAG));
  for (let length = Math.min(tail.length, LONGEST_TAG - 1); length > 0; length -= 1) {
    if (tags.some((tag) => tag.startsWith(tail.slice(-length)))) return length;
  }
  return 0;
}

/** Only ASCII, unlike `toLowerCase`: the length must not change. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
