import { expect, it } from 'vitest';
import { BranchNameSchema, CommitShaSchema } from '@agentswarm/core';
import { fairOrder, NO_TURNS, takeTurns } from './fair-order.ts';
import type { QueueEntry } from './queue-entry.ts';

function entry(ticket: string, more: Partial<QueueEntry> = {}): QueueEntry {
  return {
    ticket,
    branch: BranchNameSchema.parse(`worker/${ticket}`),
    head: CommitShaSchema.parse('a'.repeat(40)),
    priority: 5,
    order: Number(ticket.replace(/\D/g, '')),
    enqueuedAtMs: 0,
    ...more,
  };
}

const order = (entries: QueueEntry[], nowMs = 0, turns = NO_TURNS) =>
  fairOrder(entries, { nowMs, agingMs: 1000, turns }).map(({ ticket }) => ticket);

it('takes the most urgent first and equal ones by arrival', () => {
  expect(order([entry('t3'), entry('t1'), entry('t2', { priority: 1 })])).toEqual(['t2', 't1', 't3']);
});

it('lets owners of one priority take turns', () => {
  const busy = [1, 2, 3].map((n) => entry(`t${n}`, { owner: 'busy' }));
  expect(order([...busy, entry('t4', { owner: 'quiet' })])).toEqual(['t1', 't4', 't2', 't3']);
});

it('remembers turns, so an owner with many old branches cannot starve a new one at batches of one', () => {
  let waiting = [...Array(9).keys()].map((n) => entry(`t${n}`, { owner: n === 8 ? 'quiet' : 'busy' }));
  let turns = NO_TURNS;
  const taken: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const [first] = fairOrder(waiting, { nowMs: 0, agingMs: 1000, turns });
    if (first === undefined) break;
    turns = takeTurns(turns, [first]);
    taken.push(first.ticket);
    waiting = waiting.filter(({ ticket }) => ticket !== first.ticket);
  }
  expect(taken).toContain('t8');
});

it('moves an entry one priority up for each ageing time it has waited', () => {
  const old = entry('t1', { priority: 7, enqueuedAtMs: 0 });
  const fresh = entry('t2', { priority: 5, enqueuedAtMs: 2500 });
  expect(order([old, fresh], 2500)).toEqual(['t1', 't2']);
  expect(order([old, { ...fresh, enqueuedAtMs: 1000 }], 1000)).toEqual(['t2', 't1']);
});
