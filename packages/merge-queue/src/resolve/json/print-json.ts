import type { JsonArray, JsonNode, JsonObject } from './json-node.ts';

/** How a document is laid out. */
export interface JsonStyle {
  readonly indent: string;
  readonly lineEnd: string;
  /** No spaces at all. */
  readonly compact: boolean;
  readonly finalLineEnd: boolean;
}

/** Reads the layout from a document. */
export function styleOfJson(text: string): JsonStyle {
  return {
    indent: /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ',
    lineEnd: text.includes('\r\n') ? '\r\n' : '\n',
    compact: !/\s/.test(text.trimEnd()),
    finalLineEnd: text.endsWith('\n'),
  };
}

/** Whether what is written in one of the documents looks right in the other. */
export function sameLayout(a: JsonStyle, b: JsonStyle): boolean {
  return a.indent === b.indent && a.lineEnd === b.lineEnd && a.compact === b.compact;
}

/** Takes the source text from a value, so that it is laid out anew. */
export function withoutText(node: JsonNode): JsonNode {
  if (node.kind === 'scalar') return node;
  if (node.kind === 'array') {
    return { kind: 'array', inline: node.inline, items: node.items.map(withoutText) };
  }
  const members = new Map([...node.members].map(([key, value]) => [key, withoutText(value)]));
  return { kind: 'object', inline: node.inline, members };
}

/** Writes a document. */
export function printJson(node: JsonNode, style: JsonStyle): string {
  return printNode(node, style, style.lineEnd) + (style.finalLineEnd ? style.lineEnd : '');
}

/** `lineStart`: line end and indentation of the line the value begins on. */
function printNode(node: JsonNode, style: JsonStyle, lineStart: string): string {
  if (node.text !== undefined) return node.text;
  if (node.kind === 'scalar') return node.literal;
  const inner = lineStart + style.indent;
  const elements =
    node.kind === 'array'
      ? node.items.map((item) => printNode(item, style, inner))
      : [...node.members].map(
          ([key, value]) =>
            JSON.stringify(key) + (style.compact ? ':' : ': ') + printNode(value, style, inner),
        );
  return printList(node, elements, { style, lineStart, inner });
}

function printList(
  node: JsonArray | JsonObject,
  elements: readonly string[],
  at: { readonly style: JsonStyle; readonly lineStart: string; readonly inner: string },
): string {
  const [open, close] = node.kind === 'array' ? ['[', ']'] : ['{', '}'];
  if (elements.length === 0) return open + close;
  if (at.style.compact) return open + elements.join(',') + close;
  if (!node.inline) return open + at.inner + elements.join(`,${at.inner}`) + at.lineStart + close;
  const padding = node.kind === 'array' ? '' : ' ';
  return open + padding + elements.join(', ') + padding + close;
}
