import { expect, it } from 'vitest';
import type { Status } from '../model/vocabulary.ts';
import { childrenVerdict, isTerminal } from './children-verdict.ts';

it.each<[Status[], string, string]>([
  [['completed', 'completed'], 'completed', 'completed'],
  [['completed', 'failed'], 'completed', 'partial'],
  [['partial', 'failed'], 'partial', 'partial'],
  [['partial', 'partial'], 'partial', 'partial'],
  [['failed', 'failed'], 'failed', 'failed'],
])('%j is %s as clones and %s as subtasks', (statuses, clones, subtasks) => {
  expect(childrenVerdict('clone', statuses)).toBe(clones);
  expect(childrenVerdict('subtask', statuses)).toBe(subtasks);
});

it('knows which statuses are final', () => {
  expect((['pending', 'in_progress', 'blocked'] as const).some(isTerminal)).toBe(false);
  expect((['completed', 'failed', 'partial', 'cancelled'] as const).every(isTerminal)).toBe(true);
});
