export type ParsedJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

/** Text that is no JSON is an expected outcome here. */
export function parseJson(text: string): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false };
    throw error;
  }
}

/** Like {@link parseJson}, but line breaks and tabs inside strings need no escape: small models forget it. */
export function parseLenientJson(text: string): ParsedJson {
  const strict = parseJson(text);
  if (strict.ok) return strict;
  const escaped = text.replace(/"[^"\\]*(?:\\[^]?[^"\\]*)*(?:"|$)/g, (literal) =>
    literal.replace(/[\n\r\t]/g, (char) => ESCAPES[char] ?? char),
  );
  return parseJson(escaped);
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
