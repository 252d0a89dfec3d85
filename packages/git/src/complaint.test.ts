import { expect, it } from 'vitest';
import { complaintOf } from './complaint.ts';

it.each([
  [
    "fatal: Unable to create 'main.lock': File exists.\n\nRemove the file.\n",
    "fatal: Unable to create 'main.lock': File exists.",
  ],
  ['remote: no\nerror: failed to push\nhint: pull\n', 'error: failed to push'],
  ['warning: one\nsomething else\n', 'something else'],
  ['', ''],
])('finds what is wrong in %j', (text, complaint) => {
  expect(complaintOf(text)).toBe(complaint);
});
