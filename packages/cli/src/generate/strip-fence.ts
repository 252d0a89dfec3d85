const FENCE = /^(`{3,}|~{3,})[ \t]*([^`\n]*?)[ \t]*$/;

/**
 * The text without the one fence around it, if there is one: it must open the first line and close the last. A Markdown
 * file that begins and ends with a block of code of its own keeps both.
 */
export function stripFence(text: string, { isMarkdown }: { readonly isMarkdown: boolean }): string {
  const lines = text
    .replace(/^(?:[ \t]*\r?\n)+/, '')
    .trimEnd()
    .split(/\r?\n/);
  const opening = FENCE.exec(lines[0] ?? '');
  const inner = lines.slice(1, -1);
  if (opening === null || lines.length < 2 || !closes(opening, lines.at(-1))) return text;
  const isWrapper = /^(md|markdown)$/i.test(opening[2] ?? '');
  if (isMarkdown && !isWrapper && isClosedWithin(inner, opening)) return text;
  return inner.map((line) => `${line}\n`).join('');
}

function closes([, opening = '']: RegExpExecArray, line: string | undefined): boolean {
  const closing = FENCE.exec(line ?? '');
  const fence = closing?.[1] ?? '';
  return closing?.[2] === '' && fence[0] === opening[0] && fence.length >= opening.length;
}

/** Whether a line ends the opening fence already: a bare fence that no fence with a language came before. */
function isClosedWithin(lines: readonly string[], opening: RegExpExecArray): boolean {
  let open = 0;
  for (const line of lines) {
    const fence = FENCE.exec(line);
    if (fence === null) continue;
    if (fence[2] !== '') open += 1;
    else if (open > 0) open -= 1;
    else if (closes(opening, line)) return true;
  }
  return false;
}
