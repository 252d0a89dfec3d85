import { expect } from 'vitest';
import type { CommitSha, QueueEvent } from '@agentswarm/core';
import type { Submission } from '@agentswarm/merge-queue';
import type { MemoryStore } from './memory-store.ts';
import { scriptedVerdict } from './scripted-gate.ts';

/** Events that end a ticket. */
const OUTCOMES: ReadonlySet<string> = new Set([
  'branch_landed',
  'branch_conflicted',
  'branch_ejected',
  'branch_refused',
  'branch_cancelled',
]);

/** The outcome of each ticket; a ticket with two is a violation of I2. */
export function outcomesOf(events: readonly QueueEvent[]): Map<string, QueueEvent['type']> {
  const outcomes = new Map<string, QueueEvent['type']>();
  for (const event of events) {
    if (!OUTCOMES.has(event.type) || !('ticket' in event)) continue;
    expect(outcomes.get(event.ticket), `second outcome of ${event.ticket}: ${event.type}`).toBeUndefined();
    outcomes.set(event.ticket, event.type);
  }
  return outcomes;
}

/** I1: each value the queue gave the target passed the gate, and has the value before it in its history. */
export function checkTarget(store: MemoryStore, passed: ReadonlySet<CommitSha>): void {
  for (const [index, { commit, by }] of store.values.entries()) {
    const before = store.values[index - 1];
    if (by !== 'queue' || before === undefined) continue;
    const { tree } = store.commit(commit);
    expect(store.reachable(commit).has(before.commit), 'the target only advances').toBe(true);
    expect(passed.has(tree), `the tree of ${commit} passed`).toBe(true);
    expect(scriptedVerdict(store.tree(tree).paths()), `the target is green at ${commit}`).toBe('pass');
  }
}

/**
 * I2, I3 and I4: a ticket that is told to have landed did so with the head it was pinned at, once, and
 * what it wrote is there; nothing else of the tickets is on the target.
 */
export function checkLandings(
  store: MemoryStore,
  events: readonly QueueEvent[],
  submissions: readonly Submission[],
): void {
  const outcomes = outcomesOf(events);
  const reached = new Set(store.reachable(store.main));
  const merges = store.firstParents(store.base, store.main);
  for (const { ticket, head } of submissions) {
    const landed = outcomes.get(ticket) === 'branch_landed';
    const carried = merges.filter(({ parents }) => parents.slice(1).includes(head)).length;
    const isPartOfAnother = submissions.some(
      (other) => other.ticket !== ticket && isWithin(store, head, other),
    );
    if (landed) {
      expect(reached.has(head), `${ticket} is on the target`).toBe(true);
      expect(carried, `${ticket} landed once`).toBeLessThanOrEqual(1);
      if (!isPartOfAnother) expect(carried, `${ticket} has a merge`).toBe(1);
    } else if (!isPartOfAnother) expect(reached.has(head), `${ticket} is not on the target`).toBe(false);
  }
  const tip = store.tree(store.main);
  for (const event of events) {
    if (event.type !== 'branch_landed') continue;
    const submission = submissions.find(({ ticket }) => ticket === event.ticket);
    if (submission === undefined) continue;
    expect(event.head, `${event.ticket} landed at its pinned head`).toBe(submission.head);
    expect(tip.get(`src/${event.ticket}`), `${event.ticket} is undone`).toBeDefined();
  }
}

function isWithin(store: MemoryStore, head: CommitSha, other: Submission): boolean {
  return store.reachable(other.head).has(head);
}
