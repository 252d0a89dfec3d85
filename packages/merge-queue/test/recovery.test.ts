import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueueEvent } from '@agentswarm/core';
import { writeBlobIntoTree } from '@agentswarm/git';
import {
  createMergeQueue,
  noGate,
  queueStateOf,
  type MergeQueueOptions,
  type Submission,
} from '@agentswarm/merge-queue';
import { fileGate, LandingFixture, MemorySink, target } from './landing-fixture.ts';

const gate = fileGate((files) => !(files.has('x') && files.has('y')));
const deep = process.env.TEST_DEEP !== undefined;

let fixture: LandingFixture;
beforeEach(() => {
  fixture = new LandingFixture();
});
afterEach(() => fixture[Symbol.dispose]());

function open(journal: MemorySink, state?: MergeQueueOptions['state']) {
  const { store: repository, remote } = fixture;
  return createMergeQueue({
    repository,
    target,
    remote,
    gate,
    journal,
    slots: 1,
    ...(state ? { state } : {}),
  });
}

/** A breaker, a conflict and innocents. */
function scenario(): Submission[] {
  return [
    fixture.branch('x', { x: '', a: 'x\n' }),
    fixture.branch('clash', { a: 'clash\n' }),
    fixture.branch('y', { y: '' }),
    fixture.branch('plain', { plain: '' }),
  ];
}

const OUTCOMES: Record<string, string> = {
  'x.1': 'branch_landed',
  'clash.1': 'branch_conflicted',
  'y.1': 'branch_ejected',
  'plain.1': 'branch_landed',
};

function outcomes(events: readonly QueueEvent[]): Record<string, string> {
  const result: Record<string, string> = {};
  for (const event of events) {
    if (
      event.type !== 'branch_landed' &&
      event.type !== 'branch_conflicted' &&
      event.type !== 'branch_ejected'
    )
      continue;
    result[event.ticket] = event.ticket in result ? 'more than one outcome' : event.type;
  }
  return result;
}

/** How often each head is the second parent of a commit of main. */
function landings(submissions: readonly Submission[]): number[] {
  const merges = fixture.git(fixture.remote, 'log', '--first-parent', '--format=%P', 'main').split('\n');
  return submissions.map(({ head }) => merges.filter((line) => line.endsWith(` ${head}`)).length);
}

class Crash extends RangeError {}

/** A process that dies at the given event, before or after it is stored. Gives what its journal holds. */
async function runUntilCrash(
  submissions: readonly Submission[],
  at: number,
  stored: boolean,
): Promise<QueueEvent[]> {
  const survived: QueueEvent[] = [];
  let dead = false;
  const journal = new MemorySink((event, index) => {
    if (dead) throw new Crash();
    if (index >= at) {
      dead = true;
      if (stored) survived.push(event);
      throw new Crash();
    }
    survived.push(event);
  });
  try {
    await using queue = await open(journal);
    for (const submission of submissions) queue.enqueue(submission);
    await queue.drain();
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^(JOURNAL_FAILED|QUEUE_CLOSED)$/) });
  }
  return survived;
}

async function totalEvents(): Promise<number> {
  const submissions = scenario();
  return (await runUntilCrash(submissions, Number.POSITIVE_INFINITY, false)).length;
}

describe('a queue made from the journal of a dead one', () => {
  it('ends as an undisturbed run does, wherever the first one died', async () => {
    const total = await totalEvents();
    const step = deep ? 1 : 3;
    for (let at = 0; at < total; at += step) {
      for (const stored of [false, true]) {
        fixture[Symbol.dispose]();
        fixture = new LandingFixture();
        const submissions = scenario();
        const events = await runUntilCrash(submissions, at, stored);
        const journal = new MemorySink();
        journal.events.push(...events);
        await using queue = await open(journal, queueStateOf(events));
        // The first process may have died before everything was in line.
        for (const submission of submissions) {
          if (!(submission.ticket in outcomes(events))) queue.enqueue(submission);
        }
        expect(await queue.drain()).toEqual({ kind: 'empty' });
        const where = `died at event ${at}, stored: ${stored}`;
        expect(outcomes(journal.events), where).toEqual(OUTCOMES);
        expect(fixture.files(), where).toEqual(['README.md', 'a', 'plain', 'x']);
        expect(landings(submissions), where).toEqual([1, 0, 0, 1]);
        expect(queueStateOf(journal.events), where).toMatchObject({ tickets: [], intents: [] });
      }
    }
  }, 600_000);

  it('announces a landing that was pushed but not recorded, with its real merge commit', async () => {
    const one = fixture.branch('one', { one: '' });
    const two = fixture.branch('two', { two: '' });
    const journal = new MemorySink((event) => {
      if (event.type === 'branch_landed') throw new Crash();
    });
    const first = await open(journal);
    first.enqueue(one);
    first.enqueue(two);
    await expect(first.drain()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
    await first.stop();
    const pushed = fixture.main();
    const later = fixture.pushOutside({ later: '' });
    const merges = fixture.git(fixture.remote, 'rev-list', '--first-parent', '--reverse', pushed).split('\n');

    const recovered = new MemorySink();
    await using second = await open(recovered, queueStateOf(journal.events));
    expect(await second.drain()).toEqual({ kind: 'empty' });
    expect(recovered.told).toEqual(
      [one, two].map(({ ticket, branch, head }, index) => ({
        type: 'branch_landed',
        ticket,
        branch,
        head,
        commit: merges[index + 1],
        main: pushed,
      })),
    );
    expect(fixture.main()).toBe(later);
  });

  it('lands what was intended but never pushed', async () => {
    const one = fixture.branch('one', { one: '' });
    const events = await runUntilCrash([one], 4, true);
    expect(events.at(-1)?.type).toBe('landing_intended');
    expect(fixture.main()).toBe(fixture.base);
    const journal = new MemorySink();
    await using queue = await open(journal, queueStateOf(events));
    await queue.drain();
    expect(landings([one])).toEqual([1]);
    expect(journal.types()).toEqual([
      'gate_started',
      'gate_finished',
      'landing_intended',
      'branch_landed one.1',
    ]);
  });

  it('settles the change of the caller itself', async () => {
    const journal = new MemorySink((event) => {
      if (event.type === 'branch_landed') throw new Crash();
    });
    const { store: repository, remote } = fixture;
    const compose = (main: string) =>
      writeBlobIntoTree({ repository, base: main, path: 'FEATURES.json', content: '[]\n' });
    const first = await createMergeQueue({ repository, remote, target, gate: noGate(), journal });
    const request = { ticket: 'features', message: 'chore: features', compose };
    await expect(first.landChange(request)).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
    await first.stop();
    const state = queueStateOf(journal.events);
    expect(state.intents).toHaveLength(1);
    const recovered = new MemorySink();
    await using second = await open(recovered, state);
    expect(await second.landChange(request)).toEqual({ kind: 'unchanged', main: fixture.main() });
    expect(recovered.told).toEqual([
      expect.objectContaining({ type: 'branch_landed', ticket: 'features', commit: fixture.main() }),
    ]);
  });
});

it('a queue whose pins somebody removed says so instead of going on without them', async () => {
  const journal = new MemorySink((event) => {
    if (event.type !== 'branch_landed') return;
    const prefix = 'refs/agentswarm/queue/main/pins/';
    for (const ref of fixture.git(fixture.store, 'for-each-ref', '--format=%(refname)', prefix).split('\n'))
      fixture.git(fixture.store, 'update-ref', '-d', ref);
  });
  await using queue = await open(journal);
  queue.enqueue(fixture.branch('one', { one: '' }));
  await expect(queue.drain()).rejects.toMatchObject({
    code: 'REPOSITORY_FAILED',
    message: expect.stringContaining('refs/agentswarm/queue/main/pins/'),
  });
  expect(journal.types().at(-1)).toBe('branch_landed one.1');
});

describe('a journal that fails', () => {
  it('is not outlived by the queue, and nobody hears of the event it refused', async () => {
    const journal = new MemorySink((event) => {
      if (event.type === 'landing_intended') throw new Crash('disk full');
    });
    const queue = await open(journal);
    queue.enqueue(fixture.branch('one', { one: '' }));
    const heard: string[] = [];
    const listening = (async () => {
      for await (const { type } of queue.events()) heard.push(type);
    })();
    await expect(queue.drain()).rejects.toMatchObject({
      code: 'JOURNAL_FAILED',
      cause: expect.objectContaining({ message: 'disk full' }),
    });
    await expect(listening).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
    expect(heard).toEqual(['queue_opened', 'branch_queued', 'gate_started', 'gate_finished']);
    expect(fixture.main()).toBe(fixture.base);
    await queue.stop();
  });

  it('does not take a branch in line that it could not record', async () => {
    let full = false;
    const journal = new MemorySink(() => {
      if (full) throw new Crash('disk full');
    });
    await using queue = await open(journal);
    full = true;
    const one = fixture.branch('one', { one: '' });
    expect(() => queue.enqueue(one)).toThrow('journal');
    full = false;
    queue.enqueue(one);
    await queue.drain();
    expect(landings([one])).toEqual([1]);
  });
});
