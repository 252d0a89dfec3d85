import { expect, it } from 'vitest';
import { isMarked } from './check-markers.ts';

it.each(['<<<<<<< ours\n', 'a\r\n>>>>>>> theirs\r\n', '\u00e9\n||||||| base'])('sees %j', (text) => {
  expect(isMarked(Buffer.from(text))).toBe(true);
});

it.each(['', 'Title\n=======\n', ' <<<<<<< quoted', '\0<<<<<<< ours\n'])('sees nothing in %j', (text) => {
  expect(isMarked(Buffer.from(text))).toBe(false);
});

it('takes a file for text when its first NUL comes late, as git does', () => {
  expect(isMarked(Buffer.from(`${'a\n'.repeat(4_000)}\0\n<<<<<<< ours\n`))).toBe(true);
});
