import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BranchNameSchema, CommitShaSchema } from '@agentswarm/core';
import {
  addedBytes,
  changedFiles,
  cloneShared,
  commitsBetween,
  commitTree,
  deleteRef,
  diffStat,
  fetchCommits,
  findRepositoryRoot,
  firstParentChain,
  gitVersion,
  initBareRepository,
  isAncestor,
  listRefs,
  listTree,
  mergeBase,
  mergeTrees,
  pushCompareAndSwap,
  readBlob,
  readPatch,
  remoteTip,
  resolveRef,
  treeOf,
  updateRef,
  writeBlobIntoTree,
} from '@agentswarm/git';
import { createGitFixture, type GitFixture } from './git-fixture.ts';

const NOWHERE = CommitShaSchema.parse('1'.repeat(40));
const ODD_NAME = 'dir/späte "Datei"\nzwei\t.txt';
const author = { name: 'Queue', email: 'queue@example.org' };

let fixture: GitFixture;
let repository: string;
beforeEach(() => {
  fixture = createGitFixture();
  repository = fixture.workTree('repo', { 'a.txt': 'one\n' });
});
afterEach(() => fixture[Symbol.dispose]());

const head = () => CommitShaSchema.parse(fixture.git(repository, 'rev-parse', 'HEAD'));

describe('reading', () => {
  it('resolves branches, full refs and commits, and says nothing for the rest', async () => {
    for (const ref of ['main', 'refs/heads/main', head()]) {
      expect(await resolveRef({ repository, ref })).toBe(head());
    }
    for (const ref of ['nope', NOWHERE]) expect(await resolveRef({ repository, ref })).toBeUndefined();
    await expect(resolveRef({ repository, ref: '--all' })).rejects.toMatchObject({
      code: 'GIT_BAD_ARGUMENT',
    });
    await expect(resolveRef({ repository: fixture.root, ref: 'main' })).rejects.toMatchObject({
      code: 'GIT_NOT_A_REPOSITORY',
    });
  });

  it('sees packed refs, linked work trees and loose ones alike', async () => {
    fixture.git(repository, 'branch', 'packed');
    fixture.git(repository, 'pack-refs', '--all');
    fixture.git(repository, 'branch', 'loose');
    fixture.git(repository, 'worktree', 'add', '-q', fixture.path('linked'));
    const refs = await listRefs({ repository: fixture.path('linked'), prefix: 'refs/heads/' });
    expect(refs.map(({ ref }) => ref)).toEqual(
      ['linked', 'loose', 'main', 'packed'].map((name) => `refs/heads/${name}`),
    );
  });

  it('tells what a commit has beyond another: commits, lines, bytes and a patch that applies', async () => {
    const base = head();
    const first = fixture.commit(repository, { 'b.bin': 'a\0b', [ODD_NAME]: '1\n2\n' }, 'first\n\nbody');
    const last = fixture.commit(repository, { 'a.txt': null }, 'second -- <\u001b[31m>');
    const range = { repository, base, head: last };
    const [newest, oldest] = await commitsBetween(range);
    expect(newest).toMatchObject({ commit: last, subject: 'second -- <\u001b[31m>' });
    expect(oldest).toMatchObject({ commit: first, subject: 'first' });
    const seconds = Number(fixture.git(repository, 'log', '-1', '--format=%ct', first));
    expect(oldest?.committedAtMs).toBe(seconds * 1000);
    expect(await commitsBetween({ ...range, limit: 1 })).toEqual([newest]);
    expect(await commitsBetween({ ...range, base: last })).toEqual([]);
    expect(await diffStat(range)).toEqual({
      files: [
        { path: 'a.txt', insertions: 0, deletions: 1, binary: false },
        { path: 'b.bin', insertions: 0, deletions: 0, binary: true },
        { path: ODD_NAME, insertions: 2, deletions: 0, binary: false },
      ],
      insertions: 2,
      deletions: 1,
    });
    expect(await addedBytes(range)).toBeGreaterThan(100);
    expect(await addedBytes({ ...range, base: last })).toBe(0);
    writeFileSync(fixture.path('patch'), await readPatch(range));
    fixture.git(repository, 'checkout', '-q', '--detach', base);
    fixture.git(repository, 'apply', '--index', fixture.path('patch'));
    expect(fixture.git(repository, 'write-tree')).toBe(await treeOf({ repository, commit: last }));
  });

  it('knows ancestry, and unrelated histories', async () => {
    const base = head();
    const next = fixture.commit(repository, { 'b.txt': '' });
    const tree = await treeOf({ repository, commit: base });
    const root = await commitTree({ repository, tree, parents: [], message: 'root', author });
    expect(await isAncestor({ repository, ancestor: base, descendant: next })).toBe(true);
    expect(await isAncestor({ repository, ancestor: next, descendant: base })).toBe(false);
    expect(await mergeBase({ repository, a: base, b: next })).toBe(base);
    expect(await mergeBase({ repository, a: root, b: next })).toBeUndefined();
    await expect(mergeBase({ repository, a: NOWHERE, b: next })).rejects.toMatchObject({
      code: 'GIT_FAILED',
    });
    expect(await firstParentChain({ repository, from: base, to: next })).toEqual([
      { commit: next, parents: [base] },
    ]);
  });

  it('lists changed files with any name, a rename as both of its paths', async () => {
    const base = head();
    fixture.commit(repository, { 'a.txt': null, 'renamed.txt': 'one\n', [ODD_NAME]: 'x' });
    expect(await changedFiles({ repository, base, head: 'main' })).toEqual([
      'a.txt',
      ODD_NAME,
      'renamed.txt',
    ]);
    expect((await listTree({ repository, commit: 'main' })).map(({ path }) => path)).toEqual([
      ODD_NAME,
      'renamed.txt',
    ]);
  });

  it('reads a file as stored, and says nothing for what is none', async () => {
    const bytes = 'x\r\n\0ü';
    const commit = fixture.commit(repository, { [ODD_NAME]: bytes, '*.txt': 'star' });
    expect((await readBlob({ repository, commit, path: ODD_NAME }))?.toString()).toBe(bytes);
    expect((await readBlob({ repository, commit, path: '*.txt' }))?.toString()).toBe('star');
    for (const path of ['dir', 'nope', 'dir/nope']) {
      expect(await readBlob({ repository, commit, path })).toBeUndefined();
    }
    await expect(readBlob({ repository, commit, path: ODD_NAME, maxBytes: 2 })).rejects.toMatchObject({
      code: 'GIT_OUTPUT_TOO_LARGE',
    });
  });
});

describe('merging in the object database', () => {
  it('gives the tree git merge gives', async () => {
    fixture.git(repository, 'checkout', '-q', '-b', 'side');
    const theirs = fixture.commit(repository, { 'side.txt': 'side\n' });
    fixture.git(repository, 'checkout', '-q', 'main');
    const ours = fixture.commit(repository, { 'a.txt': 'two\n' });
    const merged = await mergeTrees({ repository, ours, theirs });
    fixture.git(repository, 'merge', '-q', '--no-edit', 'side');
    expect(merged).toEqual({ kind: 'clean', tree: fixture.git(repository, 'rev-parse', 'HEAD^{tree}') });
  });

  it.each([
    ['two edits of a line', { 'a.txt': 'ours\n' }, { 'a.txt': 'theirs\n' }, ['a.txt']],
    ['an edit and a deletion', { 'a.txt': 'ours\n' }, { 'a.txt': null }, ['a.txt']],
    ['two additions', { [ODD_NAME]: 'ours\n' }, { [ODD_NAME]: 'theirs\n' }, [ODD_NAME]],
    ['two binary edits', { bin: 'a\0ours' }, { bin: 'a\0theirs' }, ['bin']],
    [
      'several files',
      { 'a.txt': 'ours\n', z: 'ours' },
      { 'a.txt': 'theirs\n', z: 'theirs', clean: '' },
      ['a.txt', 'z'],
    ],
  ])('lists the files of a conflict: %s', async (_, oursFiles, theirsFiles, files) => {
    fixture.git(repository, 'checkout', '-q', '-b', 'side');
    const theirs = fixture.commit(repository, theirsFiles);
    fixture.git(repository, 'checkout', '-q', 'main');
    const ours = fixture.commit(repository, oursFiles);
    expect(await mergeTrees({ repository, ours, theirs })).toEqual({ kind: 'conflicted', files });
  });

  it('does not take a missing commit for a conflict', async () => {
    await expect(mergeTrees({ repository, ours: head(), theirs: NOWHERE })).rejects.toMatchObject({
      code: 'GIT_FAILED',
    });
  });

  it('writes the same commit for the same facts', async () => {
    const tree = await treeOf({ repository, commit: head() });
    const write = () =>
      commitTree({
        repository,
        tree,
        parents: [head()],
        message: 's\n\nKey: v\n',
        author,
        dateMs: 1_700_000_000_999,
      });
    const commit = await write();
    expect(await write()).toBe(commit);
    expect(
      fixture.git(repository, 'show', '-s', '--format=%an %ae %ct %P %(trailers:key=Key,valueonly)', commit),
    ).toBe(`Queue queue@example.org 1700000000 ${head()} v`);
  });

  it('replaces or adds one file of a tree and keeps its mode', async () => {
    fixture.commit(repository, { 'run.sh': 'old', 'dir/x': 'x' });
    fixture.git(repository, 'update-index', '--chmod=+x', 'run.sh');
    fixture.git(repository, 'commit', '-q', '-m', 'mode');
    const status = fixture.git(repository, 'status', '--porcelain');
    const write = (path: string) => writeBlobIntoTree({ repository, base: head(), path, content: 'new' });
    const tree = await write('run.sh');
    expect(fixture.git(repository, 'ls-tree', tree, 'run.sh')).toMatch(/^100755 /);
    expect(await changedFiles({ repository, base: head(), head: tree })).toEqual(['run.sh']);
    expect(await changedFiles({ repository, base: head(), head: await write('new/file') })).toEqual([
      'new/file',
    ]);
    await expect(write('../outside')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect(fixture.git(repository, 'status', '--porcelain')).toBe(status);
  });
});

describe('compare-and-swap', () => {
  it('moves, creates and deletes a ref only from the expected value', async () => {
    const base = head();
    const next = fixture.commit(repository, { b: '' });
    const ref = 'refs/heads/line';
    const swap = (old: typeof base | null, to: typeof base) => updateRef({ repository, ref, old, new: to });
    expect(await swap(base, next)).toEqual({ kind: 'moved', actual: undefined });
    expect(await swap(null, base)).toEqual({ kind: 'updated' });
    expect(await swap(null, next)).toEqual({ kind: 'moved', actual: base });
    expect(await swap(base, next)).toEqual({ kind: 'updated' });
    expect(await deleteRef({ repository, ref, old: base })).toEqual({ kind: 'moved', actual: next });
    expect(await deleteRef({ repository, ref, old: next })).toEqual({ kind: 'updated' });
    await expect(swap(null, NOWHERE)).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  it('lets exactly one of many racers win', async () => {
    const base = head();
    const commits = [1, 2, 3, 4].map((n) => fixture.commit(repository, { n: `${n}` }));
    fixture.git(repository, 'update-ref', 'refs/heads/line', base);
    const results = await Promise.allSettled(
      commits.map((commit) => updateRef({ repository, ref: 'refs/heads/line', old: base, new: commit })),
    );
    const won = results.filter((result) => result.status === 'fulfilled' && result.value.kind === 'updated');
    expect(won).toHaveLength(1);
  });

  it('pushes only from the expected tip, and settles a repeated push by looking', async () => {
    const remote = fixture.path('remote.git');
    await initBareRepository({ directory: remote });
    const base = head();
    const next = fixture.commit(repository, { b: '' });
    const ref = 'refs/heads/main';
    const push = (old: typeof base | null, to: typeof base) =>
      pushCompareAndSwap({ repository, remote, ref, old, new: to });
    expect(await remoteTip({ repository, remote, branch: 'main' })).toBeUndefined();
    expect(await push(base, next)).toEqual({ kind: 'moved', actual: undefined });
    expect(await push(null, base)).toEqual({ kind: 'pushed' });
    expect(await push(null, next)).toEqual({ kind: 'moved', actual: base });
    expect(await push(base, next)).toEqual({ kind: 'pushed' });
    expect(await push(base, next)).toEqual({ kind: 'pushed' });
    expect(await remoteTip({ repository, remote: `file://${remote}`, branch: 'main' })).toBe(next);
  });

  it('tells a refusal from a lost race, and an unreachable remote from both', async () => {
    const remote = fixture.path('remote.git');
    await initBareRepository({ directory: remote });
    mkdirSync(join(remote, 'hooks'));
    writeFileSync(join(remote, 'hooks/pre-receive'), '#!/bin/sh\necho protected >&2\nexit 1\n', {
      mode: 0o755,
    });
    const change = { repository, ref: 'refs/heads/main', old: null, new: head() };
    const refused = await pushCompareAndSwap({ ...change, remote });
    expect(refused).toMatchObject({ kind: 'refused', detail: expect.stringContaining('protected') });
    const missing = `file://${fixture.path('missing.git')}`;
    await expect(pushCompareAndSwap({ ...change, remote: missing })).rejects.toMatchObject({
      code: 'GIT_NOT_A_REPOSITORY',
    });
    const unreachable = 'https://user:hunter2secret@127.0.0.1:1/x.git';
    const error: unknown = await pushCompareAndSwap({ ...change, remote: unreachable }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ code: 'GIT_FAILED' });
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2secret');
  });
});

describe('importing and cloning', () => {
  it('imports refs that are at the expected commits, and none when one is not', async () => {
    const store = fixture.path('store.git');
    await initBareRepository({ directory: store });
    const ref = { source: 'refs/heads/main', destination: 'refs/import/main' };
    const from = repository;
    expect(await fetchCommits({ repository: store, from, refs: [{ ...ref, expected: head() }] })).toEqual([
      head(),
    ]);
    const before = await listRefs({ repository: store });
    fixture.commit(repository, { later: '' });
    const both = [{ ...ref }, { ...ref, destination: 'refs/import/other', expected: NOWHERE }];
    await expect(fetchCommits({ repository: store, from, refs: both })).rejects.toMatchObject({
      code: 'GIT_UNEXPECTED_COMMIT',
    });
    await expect(
      fetchCommits({ repository: store, from, refs: [{ ...ref, source: 'refs/heads/nope' }] }),
    ).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect(await listRefs({ repository: store })).toEqual(before);
    await fetchCommits({ repository: store, from, refs: [ref] });
    expect(await resolveRef({ repository: store, ref: 'refs/import/main' })).toBe(head());
  });

  it('makes a checkout that shares objects and nothing else', async () => {
    const directory = fixture.path('checkout');
    const branch = BranchNameSchema.parse('worker/t.1');
    const before = await listRefs({ repository });
    await cloneShared({ store: repository, commit: head(), branch, directory, identity: author });
    expect(fixture.git(directory, 'symbolic-ref', '--short', 'HEAD')).toBe('worker/t.1');
    expect(fixture.git(directory, 'status', '--porcelain')).toBe('');
    expect(readFileSync(join(directory, 'a.txt'), 'utf8')).toBe('one\n');
    expect(fixture.git(directory, 'config', 'user.name')).toBe('Queue');
    const commit = fixture.commit(directory, { 'b.txt': '' });
    expect(await listRefs({ repository })).toEqual(before);
    expect(await resolveRef({ repository, ref: commit })).toBeUndefined();
  });

  it('tells what a path is to git', async () => {
    mkdirSync(join(repository, 'sub'));
    const bare = fixture.path('bare.git');
    await initBareRepository({ directory: bare });
    const root = realpathSync(repository);
    expect(await findRepositoryRoot({ path: repository })).toEqual({ kind: 'top', root });
    expect(await findRepositoryRoot({ path: join(repository, 'sub') })).toEqual({ kind: 'subfolder', root });
    expect(await findRepositoryRoot({ path: bare })).toEqual({ kind: 'bare', root: realpathSync(bare) });
    expect(await findRepositoryRoot({ path: fixture.root })).toEqual({ kind: 'none' });
    await expect(findRepositoryRoot({ path: fixture.path('missing') })).rejects.toMatchObject({
      code: 'GIT_NOT_A_REPOSITORY',
    });
  });

  it('asks git for its version', async () => {
    expect((await gitVersion()).major).toBeGreaterThanOrEqual(2);
  });
});
