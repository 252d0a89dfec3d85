import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeIsolation } from '@agentswarm/sandbox-runner';
import { runAgentswarm } from '../support/run-agentswarm.ts';

/** Files of a commit: content, null to delete, or a mode with the name of an object. */
type Files = Readonly<Record<string, string | null>>;

let root: string;
let bare: string;
let base: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'agentswarm-land-'));
  bare = join(root, 'bare.git');
  git(root, 'init', '-q', '--bare', '-b', 'main', bare);
  base = commit('main', undefined, {
    'README.md': 'base\n',
    'package.json': '{\n  "name": "x",\n  "scripts": {\n    "a": "1"\n  }\n}\n',
  });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', env: environment(), stdio: 'pipe' }).trim();
}

function environment(): NodeJS.ProcessEnv {
  const person = { NAME: 'Test', EMAIL: 'test@example.invalid', DATE: '1700000000 +0000' };
  const identity = Object.entries(person).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  return { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_NOSYSTEM: '1', ...Object.fromEntries(identity) };
}

/** Writes a commit to a branch of the bare repository without a work tree. */
function commit(branch: string, from: string | undefined, files: Files, raw = ''): string {
  const changes = Object.entries(files).map(([path, content]) =>
    content === null
      ? `D ${path}\n`
      : `M 100644 inline ${path}\ndata ${Buffer.byteLength(content)}\n${content}\n`,
  );
  const stream = [
    `commit refs/heads/fixture\nmark :1\ncommitter Test <test@example.invalid> 1700000000 +0000\n`,
    `data ${Buffer.byteLength(branch)}\n${branch}\n`,
    from === undefined ? '' : `from ${from}\n`,
    ...changes,
    raw,
    'get-mark :1\n',
  ].join('');
  const args = ['fast-import', '--quiet', '--force', '--cat-blob-fd=1'];
  const done = spawnSync('git', args, { cwd: bare, input: stream, encoding: 'utf8', env: environment() });
  const sha = done.stdout.trim();
  git(bare, 'update-ref', '-d', 'refs/heads/fixture');
  git(bare, 'update-ref', `refs/heads/${branch}`, sha);
  return sha;
}

interface Report {
  readonly landed: readonly { readonly branch: string; readonly commit: string }[];
  readonly [key: string]: unknown;
}

async function land(...args: string[]) {
  const result = await runAgentswarm(['land', '--repo', bare, '--json', ...args]);
  const report = (result.stdout === '' ? {} : JSON.parse(result.stdout)) as Report;
  return { ...result, report };
}

const tip = (branch = 'main', repository = bare) => git(repository, 'rev-parse', `refs/heads/${branch}`);
const filesOf = (rev = 'main', repository = bare) =>
  git(repository, 'ls-tree', '-r', '--name-only', rev).split('\n');

describe('agentswarm land', () => {
  it('lands what it can and reports the rest, in one object of a fixed shape', async () => {
    commit('worker/a', base, { 'a.txt': 'a\n' });
    commit('worker/b', base, {
      'package.json': '{\n  "name": "x",\n  "scripts": {\n    "a": "1",\n    "b": "1"\n  }\n}\n',
    });
    commit('worker/c', base, {
      'package.json': '{\n  "name": "x",\n  "scripts": {\n    "a": "1",\n    "c": "1"\n  }\n}\n',
    });
    commit('worker/clash', base, { 'a.txt': 'other\n' });
    commit('worker/red', base, { bad: '' });
    const { report, exitCode } = await land(
      ...[
        '--branches',
        'worker/*',
        '--gate',
        'test ! -e bad || { echo broken; exit 7; }',
        '--isolation',
        'none',
      ],
      'nowhere',
    );
    expect(exitCode).toBe(1);
    expect(report).toEqual({
      target: 'main',
      before: base,
      after: tip(),
      gated: true,
      landed: expect.any(Array),
      conflicted: [{ branch: 'worker/clash', paths: ['a.txt'] }],
      ejected: [
        {
          branch: 'worker/red',
          reason: 'exit code 7',
          command: 'test ! -e bad || { echo broken; exit 7; }',
          outputTail: 'broken',
        },
      ],
      refused: [{ branch: 'nowhere', reason: 'unknown_branch', message: expect.any(String) }],
      durationMs: expect.any(Number),
      gateRuns: expect.any(Number),
      pushes: expect.any(Number),
    });
    const sha = expect.stringMatching(/^[0-9a-f]{40}$/);
    expect(report.landed.toSorted((x, y) => (x.branch < y.branch ? -1 : 1))).toEqual([
      { branch: 'worker/a', commit: sha },
      { branch: 'worker/b', commit: sha },
      { branch: 'worker/c', commit: sha, resolvedBy: ['package.json'] },
    ]);
    expect(filesOf()).toEqual(['README.md', 'a.txt', 'package.json']);
  });

  it('lands again what has landed without moving anything, and says by which commit', async () => {
    commit('worker/a', base, { 'a.txt': 'a\n' });
    const first = await land('worker/a');
    const again = await land('worker/a', 'main');
    expect(first.exitCode).toBe(0);
    expect(again.report.landed).toEqual([
      ...first.report.landed,
      { branch: 'main', commit: expect.any(String) },
    ]);
    expect(again).toMatchObject({
      exitCode: 0,
      report: { before: tip(), after: tip(), pushes: 0, gated: false },
    });
  });

  it('moves the ref of the remote and reads its branches, when a remote is given', async () => {
    commit('worker/a', base, { 'a.txt': 'a\n' });
    const clone = join(root, 'clone');
    git(root, 'clone', '-q', bare, clone);
    const before = git(clone, 'rev-parse', 'main');
    const late = commit('worker/late', base, { 'late.txt': 'late\n' });
    const result = await runAgentswarm([
      'land',
      '--repo',
      clone,
      '--remote',
      'origin',
      '--branches',
      'worker/*',
      '--json',
    ]);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(filesOf()).toEqual(['README.md', 'a.txt', 'late.txt', 'package.json']);
    expect(git(bare, 'merge-base', '--is-ancestor', late, 'main')).toBe('');
    expect(git(clone, 'rev-parse', 'main')).toBe(before);
    expect(git(clone, 'for-each-ref', 'refs/agentswarm/land')).toBe('');
  });

  it.each([
    ['rebase', 1],
    ['merge-commit', 2],
  ])('with --strategy %s the landing has %i parents', async (strategy, parents) => {
    commit('worker/a', base, { 'a.txt': 'a\n' });
    commit('worker/b', base, { 'b.txt': 'b\n' });
    const { exitCode } = await land('--strategy', strategy, '--branches', 'worker/*');
    expect(exitCode).toBe(0);
    expect(git(bare, 'log', '-1', '--format=%P', 'main').split(' ')).toHaveLength(parents);
    expect(git(bare, 'log', '-1', '--format=%(trailers:key=Mq-Head,valueonly)', 'main')).toBe(
      tip('worker/b'),
    );
    const again = await land('--strategy', strategy, '--branches', 'worker/*');
    expect(again).toMatchObject({ exitCode: 0, report: { pushes: 0, after: tip() } });
  });

  it('refuses what is no fast-forward, when only those are wanted', async () => {
    const first = commit('worker/a', base, { 'a.txt': 'a\n' });
    commit('worker/b', base, { 'b.txt': 'b\n' });
    commit('worker/stacked', first, { 'c.txt': 'c\n' });
    const { report, exitCode } = await land(
      '--strategy',
      'fast-forward',
      'worker/a',
      'worker/b',
      'worker/stacked',
    );
    expect(exitCode).toBe(1);
    expect(tip()).toBe(tip('worker/stacked'));
    expect(report['refused']).toMatchObject([{ branch: 'worker/b', reason: 'not_fast_forward' }]);
  });

  it('changes nothing in a dry run', async () => {
    commit('worker/a', base, { 'a.txt': 'a\n' });
    commit('worker/b', base, { 'a.txt': 'b\n' });
    const refs = git(bare, 'for-each-ref');
    const { report, exitCode } = await land('--dry-run', '--branches', 'worker/*');
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({
      dryRun: true,
      before: base,
      after: base,
      landed: [{ branch: 'worker/a' }],
      conflicted: [{ branch: 'worker/b', paths: ['a.txt'] }],
    });
    expect(git(bare, 'for-each-ref')).toBe(refs);
  });

  it('tells events as lines of JSON and people that nothing was tested', async () => {
    commit('worker/a', base, { 'a.txt': 'a\n' });
    const events = await runAgentswarm(['land', '--repo', bare, 'worker/a', '--events']);
    const types = events.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: { type: string } }).event.type);
    expect(types).toContain('branch_landed');
    commit('worker/b', base, { 'b.txt': 'b\n' });
    const plain = await runAgentswarm(['land', '--repo', bare, 'worker/b', '--plain']);
    expect(plain).toMatchObject({ exitCode: 0 });
    expect(plain.stdout).toContain('1 of 1 branch landed');
    expect(plain.stdout).toContain('without a gate');
  });

  it('runs the gate isolated where this machine can', async (context) => {
    const probe = probeIsolation();
    if (!probe.usable) return context.skip('this machine cannot isolate');
    commit('worker/a', base, { 'a.txt': 'a\n' });
    const { report, exitCode, stderr } = await land(
      'worker/a',
      '--gate',
      `test -e a.txt && test ! -e ${root}`,
    );
    expect(exitCode, stderr).toBe(0);
    expect(report).toMatchObject({ gated: true, gateRuns: 1, pushes: 1 });
  });
});

describe('agentswarm land check and matrix', () => {
  const radar = async (...args: string[]) => {
    const result = await runAgentswarm(['land', ...args, '--repo', bare]);
    return { ...result, json: args.includes('--json') ? (JSON.parse(result.stdout) as unknown) : undefined };
  };

  it('tell what a branch meets on the target and in flight, and change nothing', async () => {
    commit('worker/a', base, { 'a.txt': 'a\n', 'both.txt': 'a\n' });
    commit('worker/b', base, { 'both.txt': 'b\n' });
    commit('other', base, { 'README.md': 'other\n' });
    commit('-odd', base, { 'odd.txt': '' });
    git(bare, 'update-ref', 'refs/heads/release', commit('landed', base, { 'a.txt': 'landed\n' }));
    const refs = git(bare, 'for-each-ref');
    const check = await radar('check', 'worker/a', '--target', 'release', '--branches', 'worker/*', '--json');
    expect(check).toMatchObject({ exitCode: 1 });
    expect(check.json).toEqual({
      branch: 'worker/a',
      target: { branch: 'release', kind: 'conflicting', paths: ['a.txt'] },
      inFlight: [{ branch: 'worker/b', paths: ['both.txt'] }],
    });
    const matrix = await radar('matrix', '--branches', 'worker/*', '--json');
    expect(matrix.json).toEqual({ pairs: [{ a: 'worker/a', b: 'worker/b', paths: ['both.txt'] }] });
    expect((await radar('matrix')).stdout).toContain('worker/a  worker/b  both.txt');
    expect(await runAgentswarm(['land', 'check', '--repo', bare, '--', '-odd'])).toMatchObject({
      exitCode: 0,
      stdout: '-odd merges with main\n',
    });
    expect(await radar('check', 'nowhere')).toMatchObject({ exitCode: 2 });
    expect(git(bare, 'for-each-ref')).toBe(refs);
  });
});

describe('agentswarm land on bad input', () => {
  it.each([
    [['--target', 'nowhere', 'main'], 'has no branch nowhere'],
    [[], 'name the branches'],
    [['main', '--strategy', 'squash'], '--strategy takes'],
    [['main', '--batch', '0'], '--batch takes'],
    [['main', '--target', 'a..b'], 'is no branch name'],
  ])('%j is a usage error', async (args, message) => {
    const { exitCode, stderr } = await land(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it('a folder that is no repository, a shallow clone and a remote that is gone are told apart', async () => {
    const clone = join(root, 'shallow');
    commit('main', base, { 'more.txt': '' });
    git(root, 'clone', '-q', '--depth', '1', `file://${bare}`, clone);
    const at = (...args: string[]) => runAgentswarm(['land', ...args, 'main']);
    const none = await at('--repo', root);
    const shallow = await at('--repo', clone);
    const gone = await at('--repo', bare, '--remote', join(root, 'gone.git'));
    expect([none, shallow, gone].map(({ exitCode }) => exitCode === 0)).toEqual([false, false, false]);
    expect(none.stderr).toContain('is not a git repository');
    expect(shallow.stderr).toContain('shallow clone');
    expect(gone.stderr).toContain('gone.git');
  });

  it('lands branches whatever their names, also one that looks like an option', async () => {
    const names = ['-x', 'wörk/#12+@x', 'x;y&$(z)'];
    for (const [index, name] of names.entries()) commit(name, base, { [`f${index}`]: '' });
    const { report, exitCode, stderr } = await land('--', ...names);
    expect(exitCode, stderr).toBe(0);
    expect(report.landed.map(({ branch }) => branch)).toEqual(names);
  });

  it('gives histories, files and paths of every kind a clear result and lets the others land', async () => {
    const blob = git(bare, 'rev-parse', `${base}:README.md`);
    commit('unrelated', undefined, { 'x.txt': '' });
    commit('file-first', base, { thing: 'file\n' });
    commit('directory-second', base, { 'thing/inside': 'directory\n' });
    const submodule = `M 160000 ${'1'.repeat(40)} lib\n`;
    commit(
      'submodule',
      base,
      { '.gitmodules': '[submodule "lib"]\n\tpath = lib\n\turl = ../lib\n' },
      submodule,
    );
    commit('nested', base, {}, submodule);
    commit('lfs', base, { 'big.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n' });
    const large = join(root, 'large');
    writeFileSync(large, '');
    truncateSync(large, 100_000_000);
    commit('large', base, {}, `M 100644 ${git(bare, 'hash-object', '-w', large)} large.bin\n`);
    commit('odd-path', base, {}, `M 100644 ${blob} "caf\\351"\n`);
    const link = (path: string, to: string) => `M 120000 inline ${path}\ndata ${to.length}\n${to}\n`;
    commit('link', base, {}, link('docs/link', '../README.md'));
    commit('link-out', base, {}, link('docs/out', '../../etc/passwd'));
    commit('link-through', base, {}, link('through', 'docs/../../etc'));
    commit('case', base, { 'readme.md': 'another\n' });
    commit('device', base, { 'src/aux.ts': '' });
    git(bare, 'update-ref', 'refs/heads/empty', base);
    commit('good', base, { 'good.txt': '' });
    const fine = ['file-first', 'submodule', 'lfs', 'odd-path', 'link', 'empty', 'good'];
    const bad = {
      unrelated: 'unrelated_history',
      nested: 'unsafe_path',
      large: 'file_too_large',
      'link-out': 'unsafe_path',
      'link-through': 'unsafe_path',
      case: 'unsafe_path',
      device: 'unsafe_path',
    };
    const { report, exitCode, stderr } = await land(...fine, 'directory-second', ...Object.keys(bad));
    expect(exitCode, stderr).toBe(1);
    const refused = report['refused'] as readonly { branch: string; reason: string }[];
    expect(Object.fromEntries(refused.map(({ branch, reason }) => [branch, reason]))).toEqual(bad);
    expect(report['conflicted']).toMatchObject([{ branch: 'directory-second' }]);
    expect(report.landed.map(({ branch }) => branch).toSorted()).toEqual(fine.toSorted());
    expect(git(bare, 'cat-file', '-p', 'main:big.bin')).toContain('git-lfs');
    expect(git(bare, 'fsck', '--strict')).not.toContain('error');
  });

  it('is one at a time for a target, and says who is at work', async () => {
    commit('worker/a', base, { 'a.txt': 'a\n' });
    const started = join(root, 'started');
    const gate = `touch ${started}; while [ -e ${started} ]; do sleep 0.05; done`;
    const first = land('worker/a', '--gate', gate, '--isolation', 'none');
    await expect.poll(() => spawnSync('test', ['-e', started]).status, { timeout: 20_000 }).toBe(0);
    const second = await land('worker/a');
    rmSync(started);
    expect(second.exitCode).toBe(2);
    expect(second.stderr).toMatch(/process \d+ on .* is landing on main already/);
    expect((await first).exitCode).toBe(0);
  });

  it('a Ctrl-C leaves what is not landed for the next time', async () => {
    commit('worker/a', base, { 'a.txt': 'a\n' });
    const interrupted = await runAgentswarm(
      ['land', '--repo', bare, 'worker/a', '--gate', 'sleep 60', '--isolation', 'none', '--events'],
      {
        onOutput: (text, kill) => {
          if (text.includes('gate_started')) kill('SIGINT');
        },
      },
    );
    expect(interrupted.exitCode).toBe(130);
    expect(tip()).toBe(base);
    const { exitCode } = await land('worker/a');
    expect(exitCode).toBe(0);
  });
});
