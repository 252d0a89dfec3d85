import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  captureWorkTree,
  checkoutBranch,
  createBranch,
  getConflicts,
  getCurrentBranch,
  getDiffStat,
  getFileTree,
  getRecentCommits,
  hasUncommittedChanges,
  mergeBranch,
  rebaseBranch,
  resolveRevision,
  type MergeStrategy,
} from '@agentswarm/git';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGitFixture, type GitFixture } from './git-fixture.ts';

let fixture: GitFixture;
let workdir: string;
beforeEach(() => {
  fixture = createGitFixture();
  workdir = fixture.workTree('repo', { 'a.txt': 'one\n', 'b.txt': 'one\n' });
});
afterEach(() => fixture[Symbol.dispose]());

/** Branch `side` and main change the same line of a.txt. */
function diverge(conflicting: boolean) {
  fixture.git(workdir, 'checkout', '-q', '-b', 'side');
  const side = fixture.commit(workdir, { [conflicting ? 'a.txt' : 'b.txt']: 'side\n' });
  fixture.git(workdir, 'checkout', '-q', 'main');
  const main = fixture.commit(workdir, { 'a.txt': 'main\n' });
  return { side, main };
}

describe('branches', () => {
  it('creates a branch at a start point and checks it out', async () => {
    const base = fixture.git(workdir, 'rev-parse', 'HEAD');
    fixture.commit(workdir, { 'c.txt': 'later\n' });
    await createBranch({ workdir, branch: 'feature/x', from: base });
    expect(await getCurrentBranch({ workdir })).toBe('feature/x');
    expect(fixture.git(workdir, 'rev-parse', 'HEAD')).toBe(base);
  });

  it('fails with the exit code when the branch exists', async () => {
    await expect(createBranch({ workdir, branch: 'main' })).rejects.toMatchObject({
      code: 'GIT_FAILED',
      details: { exitCode: 128, command: expect.arrayContaining(['checkout']) },
    });
  });

  it('does not take a file or an option for a branch', async () => {
    await expect(checkoutBranch({ workdir, branch: 'a.txt' })).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await expect(checkoutBranch({ workdir, branch: '--detach' })).rejects.toMatchObject({
      code: 'GIT_BAD_ARGUMENT',
    });
  });

  it('finds the commit of a revision as a person writes it, and none for what is none', async () => {
    const first = fixture.git(workdir, 'rev-parse', 'HEAD');
    const second = fixture.commit(workdir, { 'c.txt': 'later\n' });
    for (const revision of ['HEAD', 'main', '@', second.slice(0, 8)]) {
      expect(await resolveRevision({ workdir, revision }), revision).toBe(second);
    }
    expect(await resolveRevision({ workdir, revision: 'HEAD~1' })).toBe(first);
    for (const revision of ['none', 'HEAD:a.txt', 'HEAD~9']) {
      expect(await resolveRevision({ workdir, revision }), revision).toBeUndefined();
    }
    await expect(resolveRevision({ workdir, revision: '--all' })).rejects.toThrow(/revision/);
  });

  it('says nothing for a detached head', async () => {
    fixture.git(workdir, 'checkout', '-q', '--detach');
    expect(await getCurrentBranch({ workdir })).toBeUndefined();
  });

  it('tells a directory that is no repository and an abort apart', async () => {
    await expect(getCurrentBranch({ workdir: fixture.path('missing') })).rejects.toMatchObject({
      code: 'GIT_NOT_A_REPOSITORY',
    });
    await expect(getCurrentBranch({ workdir, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'GIT_ABORTED',
    });
  });
});

describe('captureWorkTree', () => {
  const author = { name: 'Test', email: 'test@example.invalid' };
  const capture = () => captureWorkTree({ workdir, message: 'work in progress', author });

  it('commits changed, new and removed files, and leaves index, head and ignored files alone', async () => {
    const head = fixture.commit(workdir, { '.gitignore': 'secret\n', 'staged.txt': 'old\n' });
    const write = (name: string, text: string) => writeFileSync(join(workdir, name), text);
    write('a.txt', 'changed\n');
    write('new.txt', 'new\n');
    write('secret', 'canary');
    write('staged.txt', 'staged\n');
    fixture.git(workdir, 'add', 'staged.txt');
    fixture.git(workdir, 'rm', '-q', 'b.txt');
    const before = fixture.git(workdir, 'status', '--porcelain');
    const commit = await capture();
    expect(fixture.git(workdir, 'rev-parse', `${commit}^`)).toBe(head);
    expect(fixture.git(workdir, 'diff', '--name-status', head, commit).split('\n')).toEqual([
      'M\ta.txt',
      'D\tb.txt',
      'A\tnew.txt',
      'M\tstaged.txt',
    ]);
    expect(fixture.git(workdir, 'status', '--porcelain')).toBe(before);
    expect(fixture.git(workdir, 'rev-parse', 'HEAD')).toBe(head);
  });

  it('gives the current commit when nothing differs, and runs no filter', async () => {
    const head = fixture.commit(workdir, { '.gitattributes': '*.txt filter=evil\n' });
    fixture.git(workdir, 'config', 'filter.evil.clean', `touch ${join(workdir, 'filtered')}; cat`);
    expect(await capture()).toBe(head);
    writeFileSync(join(workdir, 'a.txt'), 'changed\n');
    expect(await capture()).not.toBe(head);
    expect(existsSync(join(workdir, 'filtered'))).toBe(false);
  });

  it('leaves out what is ignored outside of the tree, in a linked work tree too', async () => {
    const linked = fixture.path('linked');
    fixture.git(workdir, 'worktree', 'add', '-q', linked);
    writeFileSync(fixture.path('ignored'), 'personal.env\n');
    fixture.git(workdir, 'config', 'core.excludesFile', fixture.path('ignored'));
    writeFileSync(join(workdir, '.git', 'info', 'exclude'), 'local.env\n');
    for (const tree of [workdir, linked]) {
      for (const name of ['personal.env', 'local.env', 'new.txt']) writeFileSync(join(tree, name), 'canary');
      const commit = await captureWorkTree({ workdir: tree, message: 'work in progress', author });
      expect(fixture.git(tree, 'diff', '--name-only', 'HEAD', commit)).toBe('new.txt');
    }
  });

  it('refuses a folder without a commit', async () => {
    await expect(captureWorkTree({ workdir: fixture.root, message: 'x', author })).rejects.toMatchObject({
      code: 'GIT_NOT_A_REPOSITORY',
    });
  });
});

describe('mergeBranch', () => {
  it.each<MergeStrategy>(['merge-commit', 'rebase'])('%s joins diverged branches', async (strategy) => {
    const { side, main } = diverge(false);
    const result = await mergeBranch({ workdir, branch: 'side', strategy });
    const head = fixture.git(workdir, 'rev-parse', 'HEAD');
    expect(result).toEqual({ kind: 'merged', commit: head });
    expect(await getCurrentBranch({ workdir })).toBe('main');
    expect(fixture.git(workdir, 'show', 'HEAD:b.txt')).toBe('side');
    const parents = fixture.git(workdir, 'show', '-s', '--format=%P', 'HEAD').split(' ');
    expect(parents).toEqual(strategy === 'rebase' ? [main] : [main, side]);
  });

  it.each<MergeStrategy>(['merge-commit', 'rebase'])(
    '%s lists the files of a conflict and leaves everything as it was',
    async (strategy) => {
      const { side, main } = diverge(true);
      const result = await mergeBranch({ workdir, branch: 'side', strategy });
      expect(result).toEqual({ kind: 'conflicted', files: ['a.txt'] });
      expect(await getCurrentBranch({ workdir })).toBe('main');
      expect(fixture.git(workdir, 'rev-parse', 'HEAD', 'side').split('\n')).toEqual([main, side]);
      expect(await hasUncommittedChanges({ workdir })).toBe(false);
    },
  );

  it('moves forward only when it can', async () => {
    await createBranch({ workdir, branch: 'ahead' });
    const ahead = fixture.commit(workdir, { 'c.txt': 'c\n' });
    await checkoutBranch({ workdir, branch: 'main' });
    const merge = () => mergeBranch({ workdir, branch: 'ahead', strategy: 'fast-forward' });
    expect(await merge()).toEqual({ kind: 'merged', commit: ahead });
    expect(await merge()).toEqual({ kind: 'up_to_date', commit: ahead });
    diverge(false);
    expect(await mergeBranch({ workdir, branch: 'side', strategy: 'fast-forward' })).toEqual({
      kind: 'diverged',
    });
  });

  it('reports a refusal that is no conflict as an error', async () => {
    diverge(false);
    writeFileSync(join(workdir, 'b.txt'), 'uncommitted\n');
    await expect(mergeBranch({ workdir, branch: 'side', strategy: 'merge-commit' })).rejects.toMatchObject({
      code: 'GIT_FAILED',
    });
  });

  it('runs no hook', async () => {
    diverge(false);
    const canary = fixture.path('canary');
    for (const hook of ['post-merge', 'pre-merge-commit', 'commit-msg', 'post-checkout']) {
      writeFileSync(join(workdir, '.git/hooks', hook), `#!/bin/sh\ntouch '${canary}'\n`, { mode: 0o755 });
    }
    await mergeBranch({ workdir, branch: 'side', strategy: 'merge-commit' });
    expect(() => fixture.git(fixture.root, 'hash-object', canary)).toThrow();
  });
});

describe('rebaseBranch and getConflicts', () => {
  it('rebases, or lists the conflict and puts the branch back', async () => {
    const { side, main } = diverge(true);
    await checkoutBranch({ workdir, branch: 'side' });
    expect(await rebaseBranch({ workdir, onto: 'main' })).toEqual({ kind: 'conflicted', files: ['a.txt'] });
    expect(fixture.git(workdir, 'rev-parse', 'HEAD')).toBe(side);
    await createBranch({ workdir, branch: 'clean', from: `${side}~1` });
    fixture.commit(workdir, { 'z.txt': 'z\n' });
    const rebased = await rebaseBranch({ workdir, onto: 'main' });
    expect(rebased).toEqual({ kind: 'rebased', commit: fixture.git(workdir, 'rev-parse', 'HEAD') });
    expect(fixture.git(workdir, 'rev-parse', 'HEAD~1')).toBe(main);
  });

  it('lists unresolved files while a merge is open, with any name', async () => {
    const name = 'späte "Datei"\nzwei.txt';
    fixture.commit(workdir, { [name]: 'base\n' });
    fixture.git(workdir, 'checkout', '-q', '-b', 'side');
    fixture.commit(workdir, { [name]: 'side\n' });
    fixture.git(workdir, 'checkout', '-q', 'main');
    fixture.commit(workdir, { [name]: 'main\n' });
    expect(() => fixture.git(workdir, 'merge', 'side')).toThrow();
    expect(await getConflicts({ workdir })).toEqual([name]);
  });
});

describe('inspection', () => {
  it('counts changed lines per file', async () => {
    fixture.commit(workdir, { 'a.txt': 'one\ntwo\n', 'b.txt': null, bin: 'x\0y' });
    expect(await getDiffStat({ workdir, from: 'HEAD~1' })).toEqual({
      files: [
        { path: 'a.txt', insertions: 1, deletions: 0, binary: false },
        { path: 'b.txt', insertions: 0, deletions: 1, binary: false },
        { path: 'bin', insertions: 0, deletions: 0, binary: true },
      ],
      insertions: 1,
      deletions: 1,
    });
  });

  it('gives the newest commits with subject and body', async () => {
    const head = fixture.commit(workdir, { 'a.txt': 'x\n' }, 'subject\n\nbody line\n');
    const commits = await getRecentCommits({ workdir, limit: 2 });
    expect(commits.map(({ subject, body }) => [subject, body])).toEqual([
      ['subject', 'body line'],
      ['base', ''],
    ]);
    expect(commits[0]).toMatchObject({
      commit: head,
      authorName: 'Author',
      authorEmail: 'author@example.org',
    });
    expect(commits[0]?.authoredAtMs).toBeGreaterThan(0);
  });

  it('lists files and sees every kind of uncommitted change', async () => {
    fixture.commit(workdir, { 'dir/ü.txt': 'x\n' });
    expect(await getFileTree({ workdir })).toEqual(['a.txt', 'b.txt', 'dir/ü.txt']);
    expect(await hasUncommittedChanges({ workdir })).toBe(false);
    writeFileSync(join(workdir, 'untracked'), '');
    expect(await hasUncommittedChanges({ workdir })).toBe(true);
  });
});
