const HEAD_SHARE = 0.6;

/**
 * Shortens a text to at most `maxChars` UTF-16 units by cutting out its middle: 60 % of the room goes
 * to the head, 40 % to the tail, and a marker between says how much of `label` was left out. A text
 * that fits comes back unchanged; where even the marker does not fit, only the head is kept.
 * Surrogate pairs are never split.
 */
export function truncateMiddle(text: string, maxChars: number, label: string): string {
  if (text.length <= maxChars) return text;
  // The longest the marker can get: the number of characters left out never exceeds text.length.
  const room = maxChars - marker(text.length, label).length;
  if (room <= 0) return headOf(text, Math.max(0, maxChars));
  const headLength = Math.floor(room * HEAD_SHARE);
  const head = headOf(text, headLength);
  const tail = tailOf(text, room - headLength);
  return head + marker(text.length - head.length - tail.length, label) + tail;
}

function marker(omitted: number, label: string): string {
  return `\n[… ${omitted} characters of ${label} left out …]\n`;
}

function headOf(text: string, length: number): string {
  return text.slice(0, isHighSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length);
}

function tailOf(text: string, length: number): string {
  const start = text.length - length;
  return text.slice(isLowSurrogate(text.charCodeAt(start)) ? start + 1 : start);
}

export function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
