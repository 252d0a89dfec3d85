import { expect, it } from 'vitest';
import { CommitShaSchema } from '@agentswarm/core';
import { createMergeQueue } from '@agentswarm/merge-queue';
import { LandingFixture, MemorySink, target } from './landing-fixture.ts';

it.each(['HEAD^{tree}', 'HEAD:README.md'])('refuses a head that is %s and goes on', async (what) => {
  using fixture = new LandingFixture();
  const { store: repository } = fixture;
  const journal = new MemorySink();
  const head = CommitShaSchema.parse(fixture.git(repository, 'rev-parse', what));
  await using queue = await createMergeQueue({ repository, target, journal });
  queue.enqueue({ ...fixture.branch('odd', { odd: '' }), head });
  queue.enqueue(fixture.branch('one', { one: '' }));
  expect(await queue.drain()).toEqual({ kind: 'empty' });
  expect(
    journal
      .types()
      .filter((type) => /refused|landed/.test(type))
      .sort(),
  ).toEqual(['branch_landed one.1', 'branch_refused odd.1']);
});

it('refuses a head whose tree git cannot read, and goes on', async () => {
  using fixture = new LandingFixture();
  const { store: repository } = fixture;
  const journal = new MemorySink();
  await using queue = await createMergeQueue({ repository, target, journal });
  queue.enqueue(fixture.malformedBranch('malformed'));
  queue.enqueue(fixture.branch('one', { one: '' }));
  expect(await queue.drain()).toEqual({ kind: 'empty' });
  expect(journal.events.find(({ type }) => type === 'branch_refused')).toMatchObject({
    ticket: 'malformed.1',
    reason: 'unreadable',
  });
  expect(fixture.files(fixture.main(repository), repository)).toEqual(['README.md', 'one']);
});
