import { describe, expect, it } from 'vitest';
import type { QueueEvent } from '@agentswarm/core';
import { queueStateOf, type Gate, type Submission } from '@agentswarm/merge-queue';
import { MemorySink } from './landing-fixture.ts';
import { checkLandings, checkTarget, outcomesOf } from './model/check-invariants.ts';
import { submissionOf, type BranchKind } from './model/generate-load.ts';
import { MemoryStore, type ModelFiles } from './model/memory-store.ts';
import type { MemoryRepositoryOptions } from './model/memory-repository.ts';
import { openModelQueue } from './model/model-queue.ts';
import { ScriptedGate } from './model/scripted-gate.ts';
import { VirtualClock } from './model/virtual-clock.ts';

/** A world with one of each: a conflict, a breaker, a pair, one that waits for another, an innocent. */
class World {
  readonly store = new MemoryStore();
  readonly clock = new VirtualClock();
  readonly submissions: readonly Submission[];
  readonly gate = new ScriptedGate({
    clock: this.clock,
    pathsOf: (commit) => this.store.tree(commit).paths(),
    seed: 1,
    durationMs: 1000,
  });

  constructor() {
    const branch = (ticket: string, files: ModelFiles, after: readonly string[] = []) => {
      const kind: BranchKind = 'good';
      const load = { ticket, kind, files, owner: 'o', priority: 5, after, arrivesAtMs: 0 };
      const head = this.store.write([this.store.base], { [`src/${ticket}`]: '', ...files }, ticket);
      return submissionOf(load, head);
    };
    this.submissions = [
      branch('first', { hot: 'first', 'pair-1-a': '' }),
      branch('clash', { hot: 'clash' }),
      branch('breaker', { 'breaker-1': '' }),
      branch('second', { 'pair-1-b': '' }),
      branch('later', {}, ['first']),
      branch('orphan', {}, ['breaker']),
    ];
  }

  async open(journal: MemorySink, memory: MemoryRepositoryOptions = {}) {
    const { store, clock, gate } = this;
    const state = queueStateOf(journal.events);
    return await openModelQueue({ store, clock, gate, journal, state, memory, slots: 2, maxBatch: 3 });
  }

  /** Runs until the end or until it dies; what it stored is in the journal. */
  async run(journal: MemorySink, memory: MemoryRepositoryOptions = {}): Promise<number> {
    let calls = 0;
    const onCall: MemoryRepositoryOptions['onCall'] = ({ count }) => (calls = count);
    try {
      const { queue } = await this.open(journal, { ...memory, onCall });
      await using opened = queue;
      const known = new Set(outcomesOf(journal.events).keys());
      for (const submission of this.submissions) {
        if (!known.has(submission.ticket)) opened.enqueue(submission);
      }
      await opened.drain();
    } catch (error) {
      expect(error).toMatchObject({
        code: expect.stringMatching(/^(REPOSITORY_FAILED|JOURNAL_FAILED|QUEUE_CLOSED)$/),
      });
    }
    return calls;
  }

  check(events: readonly QueueEvent[], where: string): void {
    expect(Object.fromEntries(outcomesOf(events)), where).toEqual(OUTCOMES);
    checkTarget(this.store, this.gate.passed);
    checkLandings(this.store, events, this.submissions);
    expect([...this.store.pins], `${where}: pins`).toEqual([]);
  }
}

const OUTCOMES = {
  first: 'branch_landed',
  clash: 'branch_conflicted',
  breaker: 'branch_ejected',
  second: 'branch_ejected',
  later: 'branch_landed',
  orphan: 'branch_refused',
};

/** A journal that dies at an event, before or after it is stored. */
function dyingJournal(at: number, isStored: boolean, survived: QueueEvent[]): MemorySink {
  let isDead = false;
  return new MemorySink((event, index) => {
    if (!isDead && (index < at || (index === at && isStored))) survived.push(event);
    isDead ||= index >= at;
    if (isDead) throw new RangeError('the process is dead');
  });
}

function journalWith(events: readonly QueueEvent[]): MemorySink {
  const journal = new MemorySink();
  journal.events.push(...events);
  return journal;
}

async function recoverTwice(world: World, events: readonly QueueEvent[], where: string): Promise<void> {
  const journal = journalWith(events);
  await world.run(journal);
  world.check(journal.events, where);
  const main = world.store.main;
  const told = journal.events.length;
  await world.run(journal);
  expect(
    journal.events.slice(told).map(({ type }) => type),
    where,
  ).toEqual(['queue_opened']);
  expect(world.store.main, where).toBe(main);
  world.check(journal.events, where);
}

/** I5. */
describe('a queue made from what a dead one left', () => {
  it('ends as an undisturbed one, whatever call of the repository the first one died in', async () => {
    const calls = await new World().run(new MemorySink());
    expect(calls).toBeGreaterThan(20);
    for (let count = 1; count <= calls; count += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = new World();
        const journal = new MemorySink();
        await world.run(journal, { crashAt: { count, when } });
        await recoverTwice(world, journal.events, `died ${when} call ${count}`);
      }
    }
  });

  it('ends as an undisturbed one, whatever event the first one died at', async () => {
    const undisturbed = new MemorySink();
    await new World().run(undisturbed);
    for (let at = 0; at < undisturbed.events.length; at += 1) {
      for (const isStored of [false, true]) {
        const world = new World();
        const survived: QueueEvent[] = [];
        await world.run(dyingJournal(at, isStored, survived));
        await recoverTwice(world, survived, `died at event ${at}, stored: ${isStored}`);
      }
    }
  });

  it('ends as an undisturbed one when recovery itself dies', async () => {
    const calls = await new World().run(new MemorySink());
    for (let count = 1; count <= calls; count += 3) {
      for (let second = 1; second <= 12; second += 2) {
        const world = new World();
        const journal = new MemorySink();
        await world.run(journal, { crashAt: { count, when: 'after' } });
        await world.run(journal, { crashAt: { count: second, when: 'after' } });
        await recoverTwice(world, journal.events, `died in call ${count}, then in call ${second}`);
      }
    }
  });
});

/** I8. */
it.each([
  ['in the same environment', 'one', 'one', 0],
  ['in another environment', 'one', 'other', 1],
  ['in an environment nobody named', undefined, undefined, 1],
])('a tree that passed %s (%s, then %s) is gated %i times more', async (_how, before, now, runs) => {
  const world = new World();
  const branch = world.submissions[0]!;
  const gateIn = (environment: string | undefined): Gate => ({
    run: (request) => world.gate.run(request),
    ...(environment === undefined ? {} : { environment }),
  });
  const journal = new MemorySink((event) => {
    if (event.type === 'landing_intended') throw new RangeError('the disk is full');
  });
  const { store, clock } = world;
  {
    const { queue } = await openModelQueue({ store, clock, journal, gate: gateIn(before) });
    await using first = queue;
    first.enqueue(branch);
    await expect(first.drain()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
  }
  expect(world.gate.runs.length).toBe(1);
  const state = queueStateOf(journal.events);
  const { queue } = await openModelQueue({ store, clock, state, gate: gateIn(now) });
  await using second = queue;
  expect(await second.drain()).toEqual({ kind: 'empty' });
  expect(store.reachable(store.main).has(branch.head)).toBe(true);
  expect(world.gate.runs.length - 1).toBe(runs);
});

/** I9. */
it('cannot move the target once another queue has taken over', async () => {
  const world = new World();
  const journal = new MemorySink();
  const { queue: stale } = await world.open(journal);
  await using first = stale;
  for (const submission of world.submissions) first.enqueue(submission);
  const taken = await world.open(journalWith(journal.events));
  await using second = taken.queue;
  await expect(first.drain()).rejects.toMatchObject({ code: 'QUEUE_FENCED' });
  expect(await second.drain()).toEqual({ kind: 'empty' });
  expect(journal.events.some(({ type }) => type === 'branch_landed')).toBe(false);
  checkTarget(world.store, world.gate.passed);
});
