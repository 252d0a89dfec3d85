import fc from 'fast-check';
import { expect, it } from 'vitest';
import { join } from 'node:path';
import { createMergeQueue, type Submission } from '@agentswarm/merge-queue';
import { fileGate, LandingFixture, MemorySink, target } from './landing-fixture.ts';
import { outcomesOf } from './model/check-invariants.ts';
import { scriptedVerdict } from './model/scripted-gate.ts';
import { runSeed } from './run-seed.ts';

const runs = process.env.TEST_DEEP === undefined ? 75 : 2_000;
const LINES = 12;

const branch = fc.record({
  /** Lines of the text everybody works on that this branch changes. */
  lines: fc.uniqueArray(fc.nat(LINES - 1), { maxLength: 2 }),
  mark: fc.oneof(
    { weight: 4, arbitrary: fc.constant<string | null>(null) },
    { weight: 1, arbitrary: fc.constantFrom('breaker-1', 'pair-1-a', 'pair-1-b') },
  ),
  doesDelete: fc.oneof(
    { weight: 5, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  priority: fc.integer({ min: 1, max: 3 }),
});

const world = fc.record({
  branches: fc.array(branch, { minLength: 1, maxLength: 6 }),
  slots: fc.integer({ min: 1, max: 3 }),
  maxBatch: fc.integer({ min: 1, max: 6 }),
});

function text(changed: readonly number[], by: string): string {
  const lines = Array.from({ length: LINES }, (_, line) => (changed.includes(line) ? by : `line ${line}`));
  return `${lines.join('\n')}\n`;
}

/** Merges the parents of a landing again, with `git merge` in a work tree; gives the tree. */
function mergedByGit(fixture: LandingFixture, commit: string): string {
  const workTree = join(fixture.root, 'work');
  const [ours = '', theirs = ''] = fixture.git(fixture.store, 'log', '-1', '--format=%P', commit).split(' ');
  fixture.git(workTree, 'checkout', '-q', '--detach', ours);
  fixture.git(workTree, 'merge', '-q', '--no-ff', '-m', 'again', theirs);
  return fixture.git(workTree, 'rev-parse', 'HEAD^{tree}');
}

it('lands on git what git merge makes in a work tree, green at every value', async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ branches, slots, maxBatch }) => {
      using fixture = new LandingFixture({ text: text([], '') });
      fixture.git(fixture.store, 'config', 'core.logAllRefUpdates', 'always');
      const submissions = branches.map(({ lines, mark, doesDelete, priority }, index): Submission => {
        const name = `b${index}`;
        const content = doesDelete ? null : text(lines, name);
        const files = { [name]: '', ...(mark === null ? {} : { [mark]: '' }) };
        const edit = doesDelete || lines.length > 0 ? { text: content } : {};
        return fixture.branch(name, { ...files, ...edit }, { priority });
      });
      const journal = new MemorySink();
      const gate = fileGate((files) => scriptedVerdict(files) === 'pass');
      const { store: repository } = fixture;
      {
        await using queue = await createMergeQueue({ repository, target, gate, journal, slots, maxBatch });
        for (const submission of submissions) queue.enqueue(submission);
        expect(await queue.drain()).toEqual({ kind: 'empty' });
      }
      expect(outcomesOf(journal.events).size).toBe(submissions.length);
      const moves = fixture.git(repository, 'reflog', '--format=%H', 'main').split('\n');
      for (const value of new Set(moves.filter((line) => line !== ''))) {
        expect(scriptedVerdict(fixture.files(value, repository)), value).toBe('pass');
      }
      fixture.git(fixture.root, 'clone', '-q', '--shared', '--no-checkout', repository, 'work');
      for (const event of journal.events) {
        if (event.type !== 'branch_landed') continue;
        const tree = fixture.git(repository, 'rev-parse', `${event.commit}^{tree}`);
        expect(mergedByGit(fixture, event.commit), event.ticket).toBe(tree);
      }
      expect(fixture.git(repository, 'for-each-ref', 'refs/agentswarm/queue/main/pins/')).toBe('');
    }),
    { seed: runSeed('git-properties'), numRuns: runs, includeErrorInReport: true },
  );
}, 3_600_000);
