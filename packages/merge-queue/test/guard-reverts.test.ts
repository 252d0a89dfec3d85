import { expect, it } from 'vitest';
import { CommitShaSchema, type CommitSha } from '@agentswarm/core';
import { BranchFixture, look } from './branch-fixture.ts';

/** Main as five values of `a.ts` and a new file with each; the oldest first. */
function mainOf(fixture: BranchFixture): CommitSha[] {
  const commits = [fixture.commit([], { 'a.ts': 'a0\n', 'keep.ts': 'keep\n' })];
  for (const n of [1, 2, 3, 4]) {
    commits.push(fixture.commit(commits.slice(-1), { 'a.ts': `a${n}\n`, [`new${n}.ts`]: `${n}\n` }));
  }
  return commits;
}

it('lets an ordinary branch pass, however far behind it is', async () => {
  using fixture = new BranchFixture();
  const [base, , , , tip] = mainOf(fixture) as [CommitSha, CommitSha, CommitSha, CommitSha, CommitSha];
  const head = fixture.commit([base], { 'b.ts': 'b\n', 'keep.ts': 'kept\n' });
  expect(await look(fixture, { tip, head })).toEqual([]);
});

it('refuses a branch that merged main and kept its own stale tree', async () => {
  using fixture = new BranchFixture();
  const [base, , , recent, tip] = mainOf(fixture) as [CommitSha, CommitSha, CommitSha, CommitSha, CommitSha];
  const work = fixture.commit([base], { 'b.ts': 'b\n' });
  const merge = fixture.commit([work, recent], {}, { from: work });
  expect(await look(fixture, { tip: recent, head: merge })).toEqual([
    'refuse silent_revert: a.ts new1.ts new2.ts new3.ts',
  ]);
  // Main has moved on since: what conflicts now is no less of a revert.
  expect(await look(fixture, { tip, head: merge })).toEqual([
    'refuse silent_revert: a.ts new1.ts new2.ts new3.ts',
  ]);
  const more = fixture.commit([merge], { 'c.ts': 'c\n' });
  expect(await look(fixture, { tip, head: more })).toEqual([
    'refuse silent_revert: a.ts new1.ts new2.ts new3.ts',
  ]);
});

it('refuses one commit that copies a stale tree over a newer main', async () => {
  using fixture = new BranchFixture();
  const [base, , , recent, tip] = mainOf(fixture) as [CommitSha, CommitSha, CommitSha, CommitSha, CommitSha];
  const squashed = fixture.commit([recent], { 'b.ts': 'b\n' }, { from: base });
  expect(await look(fixture, { tip: recent, head: squashed })).toEqual(['refuse silent_revert: a.ts']);
  expect(await look(fixture, { tip, head: squashed })).toEqual(['refuse silent_revert: a.ts']);
});

it('refuses to bring back what main took up and gave up since the fork', async () => {
  using fixture = new BranchFixture();
  const base = fixture.commit([], { 'a.ts': 'good\n' });
  const bad = fixture.commit([base], { 'a.ts': 'bad\n' });
  const tip = fixture.commit([bad], { 'a.ts': 'good\n' });
  const head = fixture.commit([base], { 'a.ts': 'bad\n' }, { message: 'again' });
  expect(await look(fixture, { tip, head })).toEqual(['refuse silent_revert: a.ts']);
});

it('lets a branch pass whose change main has already and has built on', async () => {
  using fixture = new BranchFixture();
  const base = fixture.commit([], { 'a.ts': 'one\n' });
  const picked = fixture.commit([base], { 'a.ts': 'two\n' });
  const tip = fixture.commit([picked], { 'a.ts': 'three\n' });
  const head = fixture.commit([base], { 'a.ts': 'two\n', 'b.ts': 'b\n' });
  expect(await look(fixture, { tip, head })).toEqual([]);
  expect(await look(fixture, { tip: picked, head })).toEqual([]);
});

it.each([
  'Revert "Change a"',
  'Reapply "Change a"',
  'Undo a\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567.\n',
])('lets a declared revert pass: %j', async (message) => {
  using fixture = new BranchFixture();
  const [, , , recent, tip] = mainOf(fixture) as [CommitSha, CommitSha, CommitSha, CommitSha, CommitSha];
  const revert = fixture.commit([tip], { 'a.ts': 'a3\n', 'new4.ts': null }, { message });
  const more = fixture.commit([revert], { 'b.ts': 'b\n' });
  expect(await look(fixture, { tip, head: more })).toEqual([]);
  const undeclared = fixture.commit(
    [tip],
    { 'a.ts': 'a3\n', 'new4.ts': null },
    { message: `Not a ${message[0]}` },
  );
  expect(await look(fixture, { tip, head: undeclared })).toEqual(['refuse silent_revert: a.ts']);
  // The declaration covers what its own commit does, not what the merge does.
  const merge = fixture.commit([fixture.commit([recent], {}, { message }), tip], {}, { from: recent });
  expect(await look(fixture, { tip, head: merge })).toEqual(['refuse silent_revert: a.ts new4.ts']);
});

it('refuses a stale tree that is older than the history it keeps', async () => {
  using fixture = new BranchFixture();
  const base = fixture.commit([], { 'a.ts': 'old\n' });
  let tip = fixture.commit([base], { 'a.ts': 'new\n' });
  const stream = ['reset refs/heads/main\nfrom ', tip, '\n'];
  for (let n = 0; n < 1_001; n += 1) {
    stream.push(
      'commit refs/heads/main\ncommitter W <w@example.org> 1700000000 +0000\ndata 0\nM 100644 inline n\n',
    );
    stream.push(`data ${String(n).length}\n${n}\n`);
  }
  fixture.git(['fast-import', '--quiet'], stream.join(''));
  tip = CommitShaSchema.parse(fixture.git(['rev-parse', 'main']));
  const work = fixture.commit([base], { 'b.ts': 'b\n' });
  const merge = fixture.commit([work, tip], {}, { from: work });
  expect(await look(fixture, { tip, head: merge })).toEqual(['refuse silent_revert: a.ts n']);
  // One commit that does the same is known for as far as the history goes.
  const squashed = fixture.commit([tip], { n: '1' });
  expect(await look(fixture, { tip, head: squashed })).toEqual(['refuse silent_revert: n']);
  const older = fixture.commit([tip], { 'a.ts': 'old\n' });
  expect(await look(fixture, { tip, head: older })).toEqual([]);
});

it('lets a branch delete what it likes by a commit of its own', async () => {
  using fixture = new BranchFixture();
  const [, , , recent, tip] = mainOf(fixture) as [CommitSha, CommitSha, CommitSha, CommitSha, CommitSha];
  const head = fixture.commit([recent], { 'new3.ts': null, 'new1.ts': null });
  expect(await look(fixture, { tip, head })).toEqual([]);
  const merge = fixture.commit([head, tip], { 'new3.ts': null, 'new1.ts': null }, { from: tip });
  expect(await look(fixture, { tip, head: merge })).toEqual([]);
});

it('lets a branch pass that merged main and resolved what conflicted', async () => {
  using fixture = new BranchFixture();
  const [base, , , recent, tip] = mainOf(fixture) as [CommitSha, CommitSha, CommitSha, CommitSha, CommitSha];
  const work = fixture.commit([base], { 'a.ts': 'mine\n', 'b.ts': 'b\n' });
  const merge = fixture.commit([work, recent], { 'a.ts': 'mine and a3\n', 'b.ts': 'b\n' }, { from: recent });
  expect(await look(fixture, { tip: recent, head: merge })).toEqual([]);
  expect(await look(fixture, { tip, head: merge })).toEqual([]);
});

it('warns of what only a merge commit changes, also of an octopus', async () => {
  using fixture = new BranchFixture();
  const [base, , , recent, tip] = mainOf(fixture) as [CommitSha, CommitSha, CommitSha, CommitSha, CommitSha];
  const one = fixture.commit([base], { 'b.ts': 'b\n' });
  const two = fixture.commit([base], { 'c.ts': 'c\n' });
  const evil = { 'b.ts': 'b\n', 'c.ts': 'c\n', 'keep.ts': 'evil\n' };
  const withMain = fixture.commit([one, two, recent], evil, { from: recent });
  expect(await look(fixture, { tip, head: withMain })).toEqual(['warn unexplained_changes: keep.ts']);
  const ownOnly = fixture.commit([one, two], evil, { from: base });
  expect(await look(fixture, { tip, head: ownOnly })).toEqual(['warn unexplained_changes: keep.ts']);
});

it('lets a stack pass whose lower branch has landed', async () => {
  using fixture = new BranchFixture();
  const base = fixture.commit([], { 'a.ts': 'a0\n', 'b.ts': 'b0\n' });
  const lower = fixture.commit([base], { 'a.ts': 'a1\n' });
  const middle = fixture.commit([lower], { 'a.ts': 'a2\n' });
  const upper = fixture.commit([middle], { 'a.ts': 'a3\n', 'b.ts': 'b1\n' });
  const aside = fixture.commit([base], { 'c.ts': 'c\n' });
  const tip = fixture.commit([aside, middle], { 'a.ts': 'a2\n' }, { from: aside });
  expect(await look(fixture, { tip, head: upper })).toEqual([]);
});
