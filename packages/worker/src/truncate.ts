/** Keeps the first 60 % and the last 40 % of a text that is longer than `maxChars`, saying what is missing. */
export function truncateMiddle(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const head = Math.ceil(maxChars * 0.6);
  const tail = maxChars - head;
  const omitted = text.length - maxChars;
  return `${text.slice(0, head)}\n… ${omitted} characters omitted …\n${text.slice(text.length - tail)}`;
}

/** Keeps the last `maxChars` characters. */
export function keepTail(text: string, maxChars: number): string {
  return text.length <= maxChars
    ? text
    : `… ${text.length - maxChars} characters omitted …\n${text.slice(-maxChars)}`;
}

/** The first line, at most `maxChars` long, with an ellipsis where it was cut. */
export function firstLine(text: string, maxChars: number): string {
  const line = text.trim().split(/\r?\n/, 1)[0] ?? '';
  return line.length <= maxChars ? line : `${line.slice(0, maxChars - 1).trimEnd()}…`;
}

/** The last line that is not blank, at most `maxChars` long, with an ellipsis where it was cut. */
export function lastLine(text: string, maxChars: number): string {
  return firstLine(text.trimEnd().split('\n').at(-1) ?? '', maxChars);
}
