import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMergeQueue, noGate, type GuardPolicy } from '@agentswarm/merge-queue';
import type { CommitSha } from '@agentswarm/core';
import { LandingFixture, MemorySink, target, type Files } from './landing-fixture.ts';

let fixture: LandingFixture;
let journal: MemorySink;
beforeEach(() => {
  fixture = new LandingFixture({ 'a.txt': 'old\n', 'dir/b.txt': 'b\n' });
  journal = new MemorySink();
});
afterEach(() => fixture[Symbol.dispose]());

/** Main moves on after the fork: one file changed, one added. */
function advance(): CommitSha {
  const main = fixture.write(fixture.store, [fixture.base], { 'a.txt': 'new\n', 'added.txt': 'added\n' });
  fixture.git(fixture.store, 'push', '-q', fixture.remote, `${main}:refs/heads/main`);
  return main;
}

/** Hands one head to a queue and gives what became of it. */
async function outcomeOf(head: CommitSha, guards: GuardPolicy = {}) {
  const { store: repository, remote } = fixture;
  await using queue = await createMergeQueue({ repository, remote, target, gate: noGate(), journal, guards });
  queue.enqueue({ ...fixture.branch('x', {}), head });
  await queue.drain();
  const last = journal.told.at(-1);
  if (last?.type === 'branch_refused') return { refused: last.reason, paths: last.paths };
  return last?.type;
}

const write = (parents: readonly string[], files: Files, message?: string) =>
  fixture.write(fixture.store, parents, files, message);

describe('a silent revert', () => {
  it('by a merge of main that kept the old tree is refused, with every path it would undo', async () => {
    const main = advance();
    const own = write([fixture.base], { 'mine.txt': '' });
    const stale = write([own, main], { 'a.txt': 'old\n', 'added.txt': null, 'mine.txt': '' });
    expect(await outcomeOf(stale)).toEqual({ refused: 'silent_revert', paths: ['a.txt', 'added.txt'] });
  });

  it('by one commit that has a copy of the old file is refused', async () => {
    const main = advance();
    expect(await outcomeOf(write([main], { 'a.txt': 'old\n', 'mine.txt': '' }, 'Add mine'))).toEqual({
      refused: 'silent_revert',
      paths: ['a.txt'],
    });
  });

  it('is none when the commit says that it reverts', async () => {
    const main = advance();
    const message = `Revert "new"\n\nThis reverts commit ${main}.\n`;
    expect(await outcomeOf(write([main], { 'a.txt': 'old\n' }, message))).toBe('branch_landed');
  });

  it('is none, but noticed, when a merge changes what no commit does', async () => {
    const main = advance();
    const own = write([fixture.base], { 'mine.txt': '' });
    const evil = write([own, main], { 'a.txt': 'third\n', 'added.txt': 'added\n', 'mine.txt': '' });
    expect(await outcomeOf(evil)).toBe('branch_landed');
    expect(journal.told).toContainEqual(
      expect.objectContaining({ type: 'branch_warned', warning: 'unexplained_changes', paths: ['a.txt'] }),
    );
  });
});

describe('the content of a branch', () => {
  it.each<[string, Files, GuardPolicy, string, string[]]>([
    [
      'markers',
      { 'a.txt': 'x\n<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n' },
      {},
      'conflict_markers',
      ['a.txt'],
    ],
    ['a large file', { big: 'x'.repeat(101) }, { maxFileBytes: 100 }, 'file_too_large', ['big']],
    ['a forbidden path', { 'dir/b.txt': 'c\n' }, { forbidden: ['dir/'] }, 'forbidden_path', ['dir/b.txt']],
    ['another scope', { 'c.txt': '' }, { scope: ['dir/'] }, 'outside_scope', ['c.txt']],
    ['names of one case', { 'A.txt': '' }, {}, 'unsafe_path', ['A.txt']],
  ])('is refused for %s', async (_what, files, policy, reason, paths) => {
    expect(await outcomeOf(write([fixture.base], files), policy)).toEqual({ refused: reason, paths });
  });
});
