import { parseReference, type Reference } from './reference.ts';

/** A text with references in it. */
export interface Template {
  readonly parts: readonly (string | Reference)[];
  /** Braces that are neither doubled nor around a reference, as written. */
  readonly malformed: readonly string[];
}

const BRACES = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/** Reads a text in which `{id.path[0]}` is a reference, and `{{` and `}}` are braces. */
export function parseTemplate(text: string): Template {
  const parts: (string | Reference)[] = [];
  const malformed: string[] = [];
  let end = 0;
  for (const match of text.matchAll(BRACES)) {
    parts.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const reference = parseReference(match[1] ?? '');
    if (match[0] === '{{') parts.push('{');
    else if (match[0] === '}}') parts.push('}');
    else if (reference !== undefined) parts.push(reference);
    else malformed.push(match[0]);
  }
  parts.push(text.slice(end));
  return { parts: parts.filter((part) => part !== ''), malformed };
}
