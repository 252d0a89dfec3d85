import { expect, it } from 'vitest';
import { BranchNameSchema, CommitShaSchema } from '@agentswarm/core';
import { checkSubmission, type Submission } from './queue-entry.ts';

const submission: Submission = {
  ticket: 'a',
  branch: BranchNameSchema.parse('worker/x'),
  head: CommitShaSchema.parse('a'.repeat(40)),
  priority: 1,
};

it('accepts an ordinary submission', () => {
  expect(() => checkSubmission({ ...submission, owner: 'me', after: ['b'], intent: 'adds x' })).not.toThrow();
});

it.each([
  { ticket: '' },
  { ticket: 'x\ny' },
  { branch: '../x' as typeof submission.branch },
  { head: 'abc' as typeof submission.head },
  { priority: 1.5 },
  { owner: '' },
  { after: ['a'] },
  { after: [''] },
  { intent: 'x'.repeat(10_001) },
])('refuses %j', (change) => {
  expect(() => checkSubmission({ ...submission, ...change })).toThrow(
    expect.objectContaining({ code: 'TICKET_INVALID' }),
  );
});
