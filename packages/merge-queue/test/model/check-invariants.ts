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
 * what it wrote is there; nothing else of the tickets is on the target, and nothing nobody handed in.
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
  for (const event of events) {
    if (event.type !== 'branch_landed') continue;
    const submission = submissions.find(({ ticket }) => ticket === event.ticket);
    if (submission !== undefined) expect(event.head, event.ticket).toBe(submission.head);
  }
  checkExplained(store, submissions);
  checkNothingUndone(store, submissions);
}

/** I3: every step of the target is the merge of a head that was handed in, a change of the caller, or somebody else's. */
function checkExplained(store: MemoryStore, submissions: readonly Submission[]): void {
  const heads = new Set(submissions.map(({ head }) => head));
  const outside = new Set(store.values.filter(({ by }) => by === 'outside').map(({ commit }) => commit));
  for (const { commit, parents } of store.firstParents(store.base, store.main)) {
    const [before, head] = parents;
    if (before === undefined || head === undefined) {
      const isChange = /^Mq-Ticket: change-/m.test(store.commit(commit).message);
      expect(isChange || outside.has(commit), `${commit} is explained`).toBe(true);
      continue;
    }
    expect(heads.has(head), `${head} was handed in`).toBe(true);
    expect(store.merge(before, head), `${commit} has the merge and nothing else`).toEqual({
      kind: 'clean',
      tree: store.commit(commit).tree,
    });
  }
}

/** I4: what landed is there at the end, unless a branch built on it, which landed as well, wrote over it. */
function checkNothingUndone(store: MemoryStore, submissions: readonly Submission[]): void {
  const tip = store.tree(store.main);
  const landed = submissions.filter(({ head }) => store.reachable(store.main).has(head));
  for (const { ticket, head } of landed) {
    const written = writtenBy(store, head);
    const later = landed.filter((other) => other.head !== head && isWithin(store, head, other));
    const overwritten = new Set(later.flatMap((other) => writtenBy(store, other.head)));
    const undone = written.filter(
      (path) => !overwritten.has(path) && tip.get(path) !== store.tree(head).get(path),
    );
    expect(undone, `of ${ticket}`).toEqual([]);
  }
}

/** I11: the landed heads give the same tree in any order; other paths are those of the caller and of outsiders. */
export function checkOrderDoesNotMatter(store: MemoryStore, submissions: readonly Submission[]): void {
  const landed = submissions.filter(({ head }) => store.reachable(store.main).has(head));
  let onto = store.base;
  for (const { head } of landed.toSorted((a, b) => (a.head < b.head ? -1 : 1))) {
    if (store.reachable(onto).has(head)) continue;
    const merged = store.merge(onto, head);
    expect(merged.kind).toBe('clean');
    onto = store.writeCommit({ tree: merged.tree, parents: [onto, head], message: '' });
  }
  const differing = store.tree(store.main).differences(store.tree(onto));
  expect(differing.filter((path) => !/^(outside|change)-/.test(path))).toEqual([]);
}

function writtenBy(store: MemoryStore, head: CommitSha): readonly string[] {
  const [parent = store.base] = store.commit(head).parents;
  return store.tree(head).differences(store.tree(parent));
}

function isWithin(store: MemoryStore, head: CommitSha, other: Submission): boolean {
  return store.reachable(other.head).has(head);
}
