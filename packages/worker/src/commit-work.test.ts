import { expect, test } from 'vitest';
import { commitSubject } from './commit-work.ts';

test('the subject is the task and the first line of the summary, at most 100 characters', () => {
  expect(commitSubject('chunks', 'Store chunks\n\nVerified.')).toBe('chunks: Store chunks');
  const subject = commitSubject('chunks', 'x'.repeat(500));
  expect(subject).toHaveLength(100);
  expect(subject.endsWith('…')).toBe(true);
});
