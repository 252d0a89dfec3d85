/** How models mark what they think: the special tokens of the chat templates in use. */
const THINKING_TAGS: readonly (readonly [open: string, close: string])[] = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<reasoning>', '</reasoning>'],
  ['[think]', '[/think]'],
];

export const OPENING_TAGS: readonly string[] = THINKING_TAGS.map(([open]) => open);
export const CLOSING_TAGS: readonly string[] = THINKING_TAGS.map(([, close]) => close);

export function closingTagsOf(openingTag: string): readonly string[] {
  return THINKING_TAGS.filter(([open]) => open === openingTag).map(([, close]) => close);
}
