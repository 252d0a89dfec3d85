import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { QueueEvent } from '@agentswarm/core';
import { createMergeQueue, type Gate, type Submission } from '@agentswarm/merge-queue';
import { fileGate, LandingFixture, MemorySink, target } from './landing-fixture.ts';
import { runSeed } from './run-seed.ts';

const runs = process.env.TEST_DEEP === undefined ? 150 : 2000;

/** Red: a `bad` file, or two of the marker files together. */
function isGreen(files: Iterable<string>): boolean {
  const names = new Set(files);
  const markers = ['m0', 'm1', 'm2'].filter((name) => names.has(name));
  return !names.has('bad') && markers.length < 2;
}

const branches = fc.array(
  fc.record({
    /** Contested files: two branches that write one of them conflict. */
    contested: fc.subarray(['f0', 'f1', 'f2'], { maxLength: 2 }),
    markers: fc.oneof(
      { weight: 3, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: fc.subarray(['m0', 'm1', 'm2', 'bad'], { minLength: 1, maxLength: 1 }) },
    ),
    priority: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 6 },
);

const world = fc.record({
  branches,
  maxBatch: fc.integer({ min: 1, max: 6 }),
  /** The gate run during which somebody else pushes to main. */
  outsideAt: fc.option(fc.integer({ min: 1, max: 4 })),
});

it('never turns main red, never blames the innocent, gives every ticket one outcome and no head two landings', async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ branches: specs, maxBatch, outsideAt }) => {
      using fixture = new LandingFixture();
      fixture.git(fixture.remote, 'config', 'core.logAllRefUpdates', 'always');
      const submissions = specs.map(({ contested, markers, priority }, index) => {
        const name = `b${index}`;
        const files = [...contested.map((file) => [file, `${name}\n`]), ...markers.map((file) => [file, ''])];
        return fixture.branch(name, { [name]: '', ...Object.fromEntries(files) }, { priority });
      });
      const journal = new MemorySink();
      const { store: repository, remote } = fixture;
      await using queue = await createMergeQueue({
        repository,
        remote,
        target,
        journal,
        maxBatch,
        gate: withOutsidePush(fixture, outsideAt),
      });
      for (const submission of submissions) queue.enqueue(submission);
      expect(await queue.drain()).toEqual({ kind: 'empty' });
      for (const value of valuesOfMain(fixture)) expect(isGreen(fixture.files(value)), value).toBe(true);
      for (const submission of submissions) checkOutcome(fixture, journal.events, submission);
    }),
    { seed: runSeed('random-branches'), numRuns: runs, includeErrorInReport: true },
  );
}, 900_000);

function withOutsidePush(fixture: LandingFixture, outsideAt: number | null): Gate {
  const gate = fileGate(isGreen);
  let count = 0;
  return {
    run: async (request) => {
      count += 1;
      if (count === outsideAt) fixture.pushOutside({ outside: '' });
      return await gate.run(request);
    },
  };
}

/** Every commit main ever pointed at: the reflog of the remote, which begins with the first push, and its tip. */
function valuesOfMain(fixture: LandingFixture): string[] {
  const moves = fixture.git(fixture.remote, 'reflog', '--format=%H', 'main').split('\n');
  const tip = fixture.git(fixture.remote, 'rev-parse', 'main');
  return [...new Set([...moves.filter((commit) => commit !== ''), tip])];
}

function checkOutcome(fixture: LandingFixture, events: readonly QueueEvent[], submission: Submission): void {
  const mine = events.filter((event) => 'ticket' in event && event.ticket === submission.ticket);
  expect(mine.map(({ type }) => type)).toEqual([
    'branch_queued',
    expect.stringMatching(/landed|ejected|conflicted/),
  ]);
  const outcome = mine[1];
  const merges = fixture.git(fixture.remote, 'log', '--first-parent', '--format=%H %P', 'main').split('\n');
  const landed = merges.filter((line) => line.endsWith(` ${submission.head}`));
  if (outcome?.type === 'branch_landed') {
    expect(landed.map((line) => line.split(' ')[0])).toEqual([outcome.commit]);
    return;
  }
  expect(landed).toEqual([]);
  // The oracle: plain git merges the branch with the main it is said not to go with.
  if (outcome?.type === 'branch_conflicted') {
    expect(() =>
      fixture.git(fixture.store, 'merge-tree', '--write-tree', outcome.main, submission.head),
    ).toThrow();
  } else if (outcome?.type === 'branch_ejected') {
    const tree = fixture.git(fixture.store, 'merge-tree', '--write-tree', outcome.main, submission.head);
    expect(isGreen(fixture.files(tree, fixture.store))).toBe(false);
    expect(isGreen(fixture.files(outcome.main, fixture.store))).toBe(true);
  }
}
