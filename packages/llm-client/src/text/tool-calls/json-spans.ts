const CLOSES: Readonly<Record<string, string>> = { '}': '{', ']': '[' };

/**
 * Finds where each balanced bracket of a text ends, in one pass: start → end, exclusive. Brackets in strings
 * do not count; a line break ends a string, so that a stray quote in prose spoils one line only.
 */
export function findJsonSpans(text: string): ReadonlyMap<number, number> {
  const spans = new Map<number, number>();
  const open: number[] = [];
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"' || char === '\n') inString = false;
    } else if (char === '"') inString = open.length > 0;
    else if (char === '{' || char === '[') open.push(at);
    else if (closesLast(text, char, open)) spans.set(open.pop() ?? 0, at + 1);
  }
  return spans;
}

function closesLast(text: string, char: string, open: readonly number[]): boolean {
  const last = open.at(-1);
  return last !== undefined && text[last] === CLOSES[char];
}
