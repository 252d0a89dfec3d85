import { parseReference, type Reference } from '../reference.ts';

/** What can be asked of a value. */
const VALUE_FUNCTIONS = ['length', 'count', 'type', 'empty'] as const;
export type ValueFunction = (typeof VALUE_FUNCTIONS)[number];

export type Token =
  | { readonly kind: 'literal'; readonly value: number | string | boolean | null }
  /** No reference: the result of the one node the decision depends on. */
  | { readonly kind: 'reference'; readonly reference: Reference | undefined }
  | { readonly kind: 'function'; readonly name: ValueFunction }
  | { readonly kind: 'operator'; readonly text: string };

export type Tokens = { readonly tokens: readonly Token[] } | { readonly problem: string };

const TOKEN =
  /\s+|(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\{(?<reference>[^{}]*)\}|(?<operator>\|\||&&|==|!=|>=|<=|[><!().])|(?<word>[A-Za-z_]+)/y;

const WORDS: Readonly<Record<string, Token>> = {
  true: { kind: 'literal', value: true },
  false: { kind: 'literal', value: false },
  null: { kind: 'literal', value: null },
  contains: { kind: 'operator', text: 'contains' },
  matches: { kind: 'operator', text: 'matches' },
};

/** Cuts a condition into tokens. */
export function tokenize(source: string): Tokens {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) return { problem: `unexpected "${source.charAt(at)}" at character ${at + 1}` };
    if (match[0].trim() === '') continue;
    const token = tokenOf(match.groups ?? {});
    if (token === undefined) return { problem: `unexpected "${match[0]}" at character ${at + 1}` };
    tokens.push(token);
  }
  return { tokens };
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>): Token | undefined {
  const { number, text, reference, operator, word } = groups;
  if (number !== undefined) return { kind: 'literal', value: Number(number) };
  if (text !== undefined) return { kind: 'literal', value: text.slice(1, -1).replaceAll(/\\(.)/g, '$1') };
  if (reference !== undefined) return referenceToken(reference.trim());
  if (operator !== undefined) return { kind: 'operator', text: operator };
  if (word === undefined) return undefined;
  const name = VALUE_FUNCTIONS.find((known) => known === word);
  return name === undefined ? wordToken(word) : { kind: 'function', name };
}

function wordToken(word: string): Token | undefined {
  return Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
}

function referenceToken(text: string): Token | undefined {
  if (text === '') return { kind: 'reference', reference: undefined };
  const reference = parseReference(text);
  return reference === undefined ? undefined : { kind: 'reference', reference };
}
