/** Splits at spaces; single and double quotes keep words together, a backslash keeps the next character. */
export function splitWords(text: string): readonly string[] {
  const words = text.matchAll(/(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\])+/g);
  return [...words].map(([word]) => word.replace(/\\.|"(?:\\.|[^"\\])*"|'[^']*'/g, unquoted));
}

function unquoted(piece: string): string {
  if (piece.startsWith('\\')) return piece.slice(1);
  const inner = piece.slice(1, -1);
  return piece.startsWith("'") ? inner : inner.replace(/\\(.)/g, '$1');
}
