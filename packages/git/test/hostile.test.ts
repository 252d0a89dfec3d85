import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BranchNameSchema, CommitShaSchema, Secret, type CommitSha } from '@agentswarm/core';
import {
  changedFiles,
  cloneShared,
  commitTree,
  fetchCommits,
  initBareRepository,
  listTree,
  mergeTrees,
  pushCompareAndSwap,
  readBlob,
  resolveRef,
  updateRef,
} from '@agentswarm/git';
import { createGitFixture, type GitFixture } from './git-fixture.ts';

const author = { name: 'Queue', email: 'queue@example.org' };
let fixture: GitFixture;
let repository: string;
let canary: string;
let ours: CommitSha;
let theirs: CommitSha;

/** Plants a program everywhere git might start one; running it leaves the canary file. */
beforeEach(() => {
  fixture = createGitFixture();
  canary = fixture.path('canary');
  const program = fixture.path('program');
  writeFileSync(program, `#!/bin/sh\ntouch '${canary}'\nexit 1\n`);
  chmodSync(program, 0o755);
  repository = fixture.workTree('hostile', {
    'a.txt': 'base\n',
    '.gitattributes': '* merge=evil diff=evil filter=evil\n',
  });
  fixture.git(repository, 'checkout', '-q', '-b', 'side');
  theirs = fixture.commit(repository, { 'a.txt': 'theirs\n' });
  fixture.git(repository, 'checkout', '-q', 'main');
  ours = fixture.commit(repository, { 'a.txt': 'ours\n' });
  const config = {
    'merge.evil.driver': program,
    'diff.evil.command': program,
    'diff.evil.textconv': program,
    'diff.external': program,
    'filter.evil.clean': program,
    'filter.evil.smudge': program,
    'core.fsmonitor': program,
    'core.pager': program,
    'core.editor': program,
    'core.sshCommand': program,
    'core.alternateRefsCommand': program,
    'gpg.program': program,
    'commit.gpgSign': 'true',
    'remote.evil.url': repository,
    'remote.evil.promisor': 'true',
    'remote.evil.uploadpack': program,
    'remote.ext.url': `ext::${program}`,
  };
  for (const [name, value] of Object.entries(config)) fixture.git(repository, 'config', name, value);
  for (const hook of [
    'reference-transaction',
    'post-checkout',
    'pre-push',
    'pre-receive',
    'post-update',
    'post-index-change',
    'pre-auto-gc',
  ]) {
    writeFileSync(join(repository, '.git/hooks', hook), `#!/bin/sh\ntouch '${canary}'\n`, { mode: 0o755 });
  }
  rmSync(canary, { force: true });
});
afterEach(() => fixture[Symbol.dispose]());

function fired(): boolean {
  const result = existsSync(canary);
  rmSync(canary, { force: true });
  return result;
}

/** Plain git in the hostile repository: the control that shows the trap works. */
function unhardened(...args: string[]): boolean {
  try {
    fixture.git(repository, ...args);
  } catch (error) {
    expect(error).toHaveProperty('status');
  }
  return fired();
}

describe('a hostile repository', () => {
  it('fires on plain git: the traps are real', () => {
    expect(unhardened('merge-tree', '--write-tree', 'main', 'side')).toBe(true);
    expect(unhardened('update-ref', 'refs/heads/x', ours)).toBe(true);
    expect(unhardened('diff', 'main', 'side')).toBe(true);
    expect(unhardened('show', '--textconv', 'main:a.txt')).toBe(true);
    expect(unhardened('status')).toBe(true);
    expect(unhardened('commit-tree', '-S', '-m', 'x', `${ours}^{tree}`)).toBe(true);
    expect(unhardened('-c', 'protocol.ext.allow=always', 'fetch', 'ext')).toBe(true);
    expect(unhardened('fetch', 'evil')).toBe(true);
    expect(unhardened('cat-file', '-e', '1'.repeat(40))).toBe(true);
  });

  it('executes nothing when it is read and merged', async () => {
    expect(await mergeTrees({ repository, ours, theirs })).toEqual({ kind: 'conflicted', files: ['a.txt'] });
    const tree = CommitShaSchema.parse(fixture.git(repository, 'rev-parse', 'main^{tree}'));
    expect(fired()).toBe(false);
    await commitTree({ repository, tree, parents: [ours, theirs], message: 'x', author });
    await changedFiles({ repository, base: ours, head: theirs });
    await readBlob({ repository, commit: ours, path: 'a.txt' });
    await listTree({ repository, commit: ours });
    await resolveRef({ repository, ref: '1'.repeat(40) });
    expect(fired()).toBe(false);
  });

  it('executes nothing when its refs are written or pushed from', async () => {
    await updateRef({ repository, ref: 'refs/heads/x', old: null, new: ours });
    const missing = CommitShaSchema.parse('1'.repeat(40));
    await expect(
      updateRef({ repository, ref: 'refs/heads/y', old: null, new: missing }),
    ).rejects.toMatchObject({
      code: 'GIT_FAILED',
    });
    expect(fired()).toBe(false);
    const remote = fixture.path('remote.git');
    await initBareRepository({ directory: remote });
    const pushed = await pushCompareAndSwap({
      repository,
      remote,
      ref: 'refs/heads/main',
      old: null,
      new: ours,
    });
    expect(pushed).toEqual({ kind: 'pushed' });
    expect(fired()).toBe(false);
  });

  it('executes nothing when it is imported from or its commits are checked out', async () => {
    const store = fixture.path('store.git');
    await initBareRepository({ directory: store });
    const refs = [{ source: 'refs/heads/side', destination: 'refs/import/side', expected: theirs }];
    expect(await fetchCommits({ repository: store, from: repository, refs })).toEqual([theirs]);
    await fetchCommits({ repository: store, from: `file://${repository}`, refs });
    const directory = fixture.path('checkout');
    const branch = BranchNameSchema.parse('worker/x.1');
    await cloneShared({ store, commit: theirs, branch, directory, identity: author });
    expect(fired()).toBe(false);
  });

  it('does not fetch a submodule, nor its url of a transport that runs programs', async () => {
    fixture.git(repository, 'config', 'commit.gpgSign', 'false');
    fixture.git(repository, 'update-index', '--add', '--cacheinfo', `160000,${ours},sub`);
    const commit = fixture.commit(repository, {
      '.gitmodules': `[submodule "sub"]\n\tpath = sub\n\turl = ext::touch ${canary}\n`,
    });
    fired();
    const store = fixture.path('store.git');
    await initBareRepository({ directory: store });
    const refs = [{ source: 'refs/heads/main', destination: 'refs/import/main' }];
    expect(await fetchCommits({ repository: store, from: repository, refs })).toEqual([commit]);
    const branch = BranchNameSchema.parse('worker/x.1');
    const directory = fixture.path('checkout');
    await cloneShared({ store, commit, branch, directory, identity: author });
    await expect(
      fetchCommits({ repository: store, from: `ext::touch ${canary}`, refs }),
    ).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect(fired()).toBe(false);
  });

  it.each(['..', '.git', '.GIT', '.'])('refuses a tree with an entry called %s', async (name) => {
    const blob = fixture.git(repository, 'rev-parse', 'main:a.txt');
    const inner = Buffer.from(blob, 'hex');
    const entry = Buffer.concat([Buffer.from(`100644 ${name}\0`), inner]);
    const hash = (type: string, input: Buffer | string) =>
      execFileSync('git', ['hash-object', '-t', type, '-w', '--literally', '--stdin'], {
        cwd: repository,
        input,
        encoding: 'utf8',
      }).trim();
    const who = 'A <a@example.org> 1700000000 +0000';
    const commit = hash('commit', `tree ${hash('tree', entry)}\nauthor ${who}\ncommitter ${who}\n\nx\n`);
    writeFileSync(join(repository, '.git/refs/heads/bad'), `${commit}\n`);
    const store = fixture.path('store.git');
    await initBareRepository({ directory: store });
    const refs = [{ source: 'refs/heads/bad', destination: 'refs/import/bad' }];
    await expect(fetchCommits({ repository: store, from: repository, refs })).rejects.toMatchObject({
      code: 'GIT_FAILED',
    });
    expect(await resolveRef({ repository: store, ref: 'refs/import/bad' })).toBeUndefined();
    // The control: without the check the commit comes in.
    expect(await fetchCommits({ repository: store, from: repository, refs, fsck: false })).toEqual([commit]);
  });
});

describe('the environment of the caller', () => {
  afterEach(() => {
    delete process.env.GIT_DIR;
    delete process.env.GIT_CONFIG_PARAMETERS;
  });

  it('does not reach git', async () => {
    process.env.GIT_DIR = fixture.path('elsewhere');
    process.env.GIT_CONFIG_PARAMETERS = "'core.bare=nonsense'";
    expect(await resolveRef({ repository, ref: 'main' })).toBe(ours);
    const store = fixture.path('store.git');
    await initBareRepository({ directory: store });
    expect(existsSync(join(store, 'HEAD'))).toBe(true);
    expect(fired()).toBe(false);
  });
});

describe('a token', () => {
  it('is refused for anything but https', async () => {
    const credential = { token: new Secret('canary-token-123') };
    const change = { ref: 'refs/heads/main', old: null, new: ours };
    const error: unknown = await pushCompareAndSwap({
      repository,
      remote: repository,
      credential,
      ...change,
    }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'GIT_BAD_ARGUMENT' });
    expect(JSON.stringify(error)).not.toContain('canary-token');
  });
});
