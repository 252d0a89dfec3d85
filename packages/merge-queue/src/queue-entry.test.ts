import { expect, it } from 'vitest';
import { BranchNameSchema, CommitShaSchema } from '@agentswarm/core';
import { checkSubmission, selectBatch, splitGroup, type QueueEntry } from './queue-entry.ts';

const branch = BranchNameSchema.parse('worker/x');
const head = CommitShaSchema.parse('a'.repeat(40));
const entry = (ticket: string, priority: number, order: number): QueueEntry => ({
  ticket,
  branch,
  head,
  priority,
  order,
});

it('takes the most urgent first and then the longest waiting', () => {
  const waiting = [entry('d', 5, 3), entry('b', 1, 2), entry('c', 5, 1), entry('a', 1, 0)];
  expect(selectBatch(waiting, 3).map(({ ticket }) => ticket)).toEqual(['a', 'b', 'c']);
});

it('splits so that both parts are smaller', () => {
  const group = ['a', 'b', 'c'].map((ticket, order) => entry(ticket, 1, order));
  expect(splitGroup(group).map((half) => half.map(({ ticket }) => ticket))).toEqual([['a', 'b'], ['c']]);
});

it.each([
  { ticket: '' },
  { ticket: 'x\ny' },
  { branch: '../x' as typeof branch },
  { head: 'abc' as typeof head },
  { priority: 1.5 },
])('refuses %j', (change) => {
  expect(() => checkSubmission({ ...entry('a', 1, 0), ...change })).toThrow(
    expect.objectContaining({ code: 'TICKET_INVALID' }),
  );
});
