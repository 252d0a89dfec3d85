/** A fenced block. */
export interface Fence {
  readonly language: string;
  readonly contentStart: number;
  /** Where the closing line begins. */
  readonly contentEnd: number;
  readonly end: number;
}

/** Finds the fenced blocks that are closed: start of the opening line → block. */
export function findFences(text: string): ReadonlyMap<number, Fence> {
  const fences = new Map<number, Fence>();
  let closing: { readonly start: number; readonly end: number } | undefined;
  // From the end: a line of bare backticks closes whatever fence stands last before it.
  for (const line of [...text.matchAll(/^[ \t]*```([^\n`]*)$/gm)].toReversed()) {
    const end = line.index + line[0].length;
    const language = (line[1] ?? '').trim().toLowerCase();
    if (closing !== undefined) {
      const [contentStart, contentEnd] = [end, closing.start];
      fences.set(line.index, { language, contentStart, contentEnd, end: closing.end });
    }
    if (language === '') closing = { start: line.index, end };
  }
  return fences;
}
