import type { FoundCall, KnownTools } from './found-call.ts';
import { findJsonSpans } from './json-spans.ts';

/** A part of the text that was understood: calls, or an example that must not be searched further. */
export interface Region {
  readonly calls: readonly FoundCall[];
  /** Exclusive. */
  readonly end: number;
}

/** One text being searched, and what bounds the work on it. */
export interface Scanner {
  readonly text: string;
  readonly tools: KnownTools;
  /** Where the bracket at `start` ends. */
  spanEnd(start: number): number | undefined;
  /** First place of `tag` at or after `from`. Cheap as long as `from` does not decrease. */
  next(tag: string, from: number): number | undefined;
  /** The place after white space. */
  skipSpace(from: number): number;
  /** Allows to look at so many characters again; false once that was done too often. */
  spend(chars: number): boolean;
  spentChars(): number;
}

/** How often each character may be read again. A model's answer needs 2; hostile nesting would need thousands. */
export const MAX_READS = 16;

export function createScanner(text: string, tools: KnownTools): Scanner {
  const spans = findJsonSpans(text);
  const found = new Map<string, { readonly from: number; readonly at: number }>();
  let spent = 0;
  return {
    text,
    tools,
    spanEnd: (start) => spans.get(start),
    next(tag, from) {
      const known = found.get(tag);
      if (known !== undefined && from >= known.from && from <= known.at) return finite(known.at);
      const index = text.indexOf(tag, from);
      const at = index < 0 ? Infinity : index;
      found.set(tag, { from, at });
      return finite(at);
    },
    skipSpace(from) {
      let at = from;
      while (/\s/.test(text.charAt(at))) at += 1;
      return at;
    },
    spend(chars) {
      if (spent + chars > MAX_READS * text.length) return false;
      spent += chars;
      return true;
    },
    spentChars: () => spent,
  };
}

function finite(at: number): number | undefined {
  return at === Infinity ? undefined : at;
}
