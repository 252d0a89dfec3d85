import type { JsonNode } from './json-node.ts';

const SPACE = /[ \t\n\r]*/y;
const STRING = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*"/y;
const LITERAL = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Deeper than any file people write, far from the end of the stack. */
const MAX_DEPTH = 200;

/** Parses a document; undefined for anything that is not plain JSON: comments, trailing commas, a key given twice. */
export function parseJson(text: string): JsonNode | undefined {
  const reader = new JsonReader(text);
  const node = reader.value(0);
  reader.take(SPACE);
  return reader.atEnd() ? node : undefined;
}

class JsonReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#position === this.#text.length;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    this.#position += found?.length ?? 0;
    return found;
  }

  value(depth: number): JsonNode | undefined {
    if (depth > MAX_DEPTH) return undefined;
    this.take(SPACE);
    const next = this.#text[this.#position];
    if (next === '{') return this.#object(depth);
    if (next === '[') return this.#array(depth);
    const string = next === '"' ? this.take(STRING) : undefined;
    if (string !== undefined) {
      return { kind: 'scalar', literal: JSON.stringify(JSON.parse(string)), text: string };
    }
    const literal = this.take(LITERAL);
    return literal === undefined ? undefined : { kind: 'scalar', literal, text: literal };
  }

  #array(depth: number): JsonNode | undefined {
    const items: JsonNode[] = [];
    const text = this.#list('[]', () => {
      const item = this.value(depth + 1);
      if (item !== undefined) items.push(item);
      return item !== undefined;
    });
    return text === undefined ? undefined : { kind: 'array', items, inline: !text.includes('\n'), text };
  }

  #object(depth: number): JsonNode | undefined {
    const members = new Map<string, JsonNode>();
    const text = this.#list('{}', () => {
      const name = this.take(STRING);
      if (name === undefined) return false;
      const key = JSON.parse(name) as string;
      this.take(SPACE);
      const value = this.#skip(':') ? this.value(depth + 1) : undefined;
      if (value === undefined || members.has(key)) return false;
      members.set(key, value);
      return true;
    });
    return text === undefined ? undefined : { kind: 'object', members, inline: !text.includes('\n'), text };
  }

  /** Reads elements between brackets; undefined when something else is found. Gives the text of the list. */
  #list(brackets: string, element: () => boolean): string | undefined {
    const start = this.#position;
    const [open = '', close = ''] = brackets;
    this.#skip(open);
    this.take(SPACE);
    if (this.#skip(close)) return this.#text.slice(start, this.#position);
    do {
      this.take(SPACE);
      if (!element()) return undefined;
      this.take(SPACE);
    } while (this.#skip(','));
    return this.#skip(close) ? this.#text.slice(start, this.#position) : undefined;
  }

  #skip(character: string): boolean {
    if (this.#text[this.#position] !== character) return false;
    this.#position += 1;
    return true;
  }
}
