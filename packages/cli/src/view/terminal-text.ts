const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const ZERO_WIDTH = /\p{Mn}|\p{Me}/u;

/**
 * One safe line: text of models, tools and branches must not move the cursor, colour the terminal or
 * reorder what a person reads.
 */
export function toTerminalLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').replace(/\p{Cf}/gu, '');
}

/** Safe text of several lines, a piece of a stream too; tabs and line ends stay. */
export function toTerminalText(text: string): string {
  return text.replace(/[^\P{Cc}\t\n]|[\p{Zl}\p{Zp}\p{Cf}]/gu, '');
}

/** Columns a line takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** The line cut to at most `columns`, ending in `…` when something is missing. */
export function fitToWidth(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let [fitted, width] = ['', 0];
  for (const character of text) {
    width += widthOfCharacter(character);
    if (width > columns - 1) break;
    fitted += character;
  }
  return columns < 1 ? '' : `${fitted}…`;
}

/** The line cut or filled with spaces to exactly `columns`. */
export function padToWidth(text: string, columns: number): string {
  const fitted = fitToWidth(text, columns);
  return fitted + ' '.repeat(Math.max(0, columns - widthOf(fitted)));
}

function widthOfCharacter(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
