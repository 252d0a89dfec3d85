import { truncateMiddle } from '../text/truncate-middle.ts';

/** How a text is cut, and what it is called where something is missing. */
export interface TruncateOptions {
  readonly label: string;
  /** Default: UTF-16 units. */
  readonly count?: (text: string) => number;
}

/** No tokenizer puts more characters into a token of ordinary text; a text with longer ones is cut too short. */
const MAX_CHARS_PER_TOKEN = 16;

/** Shortens a text like {@link truncateMiddle}, but `max` is in the unit of `count`. Never exceeds it. */
export function truncateHeadTail(text: string, max: number, options: TruncateOptions): string {
  const { label, count } = options;
  if (count === undefined) return truncateMiddle(text, max, label);
  if (count(text) <= max) return text;
  const most = Math.min(text.length - 1, max * MAX_CHARS_PER_TOKEN);
  const cut = (chars: number) => truncateMiddle(text, chars, label);
  return cut(largestFitting(most, (chars) => count(cut(chars)) <= max));
}

/**
 * Shortens a text to its first whole lines and a note how many more there were, e.g. for diffs. Where not even one line
 * and the note fit, the text is cut like {@link truncateHeadTail} does.
 */
export function truncateLines(text: string, max: number, options: TruncateOptions): string {
  const { label, count = (part: string) => part.length } = options;
  if (count(text) <= max) return text;
  const lines = text.split('\n');
  const cut = (kept: number) =>
    [...lines.slice(0, kept), `[… ${lines.length - kept} more lines of ${label} left out …]`].join('\n');
  const kept = largestFitting(lines.length - 1, (lineCount) => count(cut(lineCount)) <= max);
  return kept > 0 ? cut(kept) : truncateHeadTail(text, max, options);
}

/** The largest number up to `most` that fits, if larger ones fit less; 0 when none does. */
function largestFitting(most: number, fits: (candidate: number) => boolean): number {
  let [fitting, tooLarge] = [0, Math.max(0, most) + 1];
  while (tooLarge - fitting > 1) {
    const middle = Math.floor((fitting + tooLarge) / 2);
    if (fits(middle)) fitting = middle;
    else tooLarge = middle;
  }
  return fitting;
}
