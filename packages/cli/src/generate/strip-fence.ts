const FENCE = /^(`{3,}|~{3,})([^`\n]*)$/;

/** The fence a line is, and the language behind it. */
function readFence(line: string): { readonly fence: string; readonly language: string } | undefined {
  const [, fence, language = ''] = FENCE.exec(line) ?? [];
  return fence === undefined ? undefined : { fence, language: language.trim() };
}

/**
 * The text without the one fence around it, if there is one: it must open the first line and close the last. A Markdown
 * file that begins and ends with a block of code of its own keeps both.
 */
export function stripFence(text: string, { isMarkdown }: { readonly isMarkdown: boolean }): string {
  const lines = text
    .replace(/^(?:[ \t]*\r?\n)+/, '')
    .trimEnd()
    .split(/\r?\n/);
  const opening = readFence(lines[0] ?? '');
  const inner = lines.slice(1, -1);
  if (opening === undefined || lines.length < 2 || !closes(opening.fence, lines.at(-1))) return text;
  const isWrapper = /^(md|markdown)$/i.test(opening.language);
  if (isMarkdown && !isWrapper && isClosedWithin(inner, opening.fence)) return text;
  return inner.map((line) => `${line}\n`).join('');
}

function closes(opening: string, line: string | undefined): boolean {
  const { fence = '', language } = readFence(line ?? '') ?? {};
  return language === '' && fence[0] === opening[0] && fence.length >= opening.length;
}

/** Whether a line ends the opening fence already: a bare fence that no fence with a language came before. */
function isClosedWithin(lines: readonly string[], opening: string): boolean {
  let open = 0;
  for (const line of lines) {
    const found = readFence(line);
    if (found === undefined) continue;
    if (found.language !== '') open += 1;
    else if (open > 0) open -= 1;
    else if (closes(opening, line)) return true;
  }
  return false;
}
