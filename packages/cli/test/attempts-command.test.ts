import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteJournal } from '@agentswarm/journal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCaptured } from './captured-cli.ts';
import { parseEvents, RUN_ID, runStarted } from './synthetic-run.ts';

let root: string;
let target: string;
let base: string;
let first: string;
let second: string;

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.invalid', ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
  }).trim();
const agentswarm = (...argv: string[]) =>
  runCaptured(argv, { directory: target, env: { PATH: process.env['PATH'] } });
const json = async (...argv: string[]) => {
  const { code, stdout, stderr } = await agentswarm(...argv, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
};

/** A target with a store, and a run of which one attempt died after two snapshots, one is queued for its sandbox. */
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'agentswarm-attempts-'));
  target = join(root, 'target');
  const store = join(target, '.agentswarm', 'store.git');
  const folder = join(target, '.agentswarm', 'runs', RUN_ID);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(target, '.agentswarm', '.gitignore'), '*\n');
  writeFileSync(join(target, 'SPEC.md'), '# Spec\n');
  const commit = (message: string) => {
    git(target, 'add', '-A');
    git(target, 'commit', '-qm', message);
    return git(target, 'rev-parse', 'HEAD');
  };
  git(target, 'init', '-q', '-b', 'main');
  base = commit('start');
  writeFileSync(join(target, 'new.txt'), 'one\n');
  first = commit('vec3: work in progress');
  writeFileSync(join(target, 'new.txt'), 'two\n');
  writeFileSync(join(target, 'späte "Datei".sh'), '#!/bin/sh\n');
  writeFileSync(join(target, '.gitattributes'), '*.txt filter=evil diff=evil\n');
  chmodSync(join(target, 'späte "Datei".sh'), 0o755);
  second = commit('vec3: \u001b[31mred');
  git(root, 'clone', '-q', '--bare', target, store);
  git(store, 'update-ref', '-d', 'refs/heads/main');
  git(target, 'reset', '-q', '--hard', base);
  git(store, 'update-ref', `refs/agentswarm/${RUN_ID}/snapshots/vec3.1/2`, first);
  git(store, 'update-ref', `refs/agentswarm/${RUN_ID}/snapshots/vec3.1/10`, second);
  await using journal = openSqliteJournal({ path: join(folder, 'journal.db') });
  const dispatched = (taskId: string) => ({
    type: 'attempt_dispatched',
    taskId,
    attemptId: `${taskId}.1`,
    number: 1,
    branch: `worker/${taskId}.1`,
    base,
  });
  const died = { taskId: 'vec3', attemptId: 'vec3.1', reason: 'worker_died', message: 'exit 137' };
  const events = [
    runStarted(target),
    dispatched('vec3'),
    { type: 'attempt_failed', ...died },
    dispatched('noise'),
  ];
  for (const event of parseEvents(events)) journal.append(event);
});
afterEach(() => rmSync(root, { recursive: true }));

describe('attempts list', () => {
  it('tells how each attempt went and what is kept of it', async () => {
    const { stdout } = await agentswarm('attempts', 'list');
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'vec3.1   failed      2 snapshots   worker_died: exit 137',
      'noise.1  dispatched  nothing kept  creating sandbox',
    ]);
    expect(await json('attempts', 'list', '--task', 'vec3')).toMatchObject({
      runId: RUN_ID,
      attempts: [{ id: 'vec3.1', status: 'failed', failure: 'worker_died', base, snapshots: 2 }],
    });
    expect((await agentswarm('attempts', 'list', '--task', 'x')).stdout).toContain('no attempts of task x');
  });

  it('works before there is a store', async () => {
    rmSync(join(target, '.agentswarm', 'store.git'), { recursive: true });
    expect((await json('attempts', 'list')).attempts).toHaveLength(2);
  });
});

describe('attempts show', () => {
  it('shows commits, files and snapshots, as text that steers no terminal', async () => {
    const { stdout } = await agentswarm('attempts', 'show', 'vec3.1');
    expect(stdout).toContain('vec3.1: failed: worker_died: exit 137\n');
    expect(stdout).toContain(`head    ${second} (snapshot 10)`);
    expect(stdout).toContain(`${second.slice(0, 10)}  vec3:  [31mred`);
    expect(stdout).toMatch(/\+1 -0 {2}späte "Datei"\.sh/);
    expect(stdout).toMatch(/^ {5}2 .* B {2}[0-9a-f]{10} {2}1 file \+1 -0$/m);
    expect(stdout).not.toContain('\u001b');
  });

  it('shows an earlier state, and the patch', async () => {
    const facts = await json('attempts', 'show', 'vec3.1', '--snapshot', '2', '--diff');
    expect(facts).toMatchObject({
      id: 'vec3.1',
      shown: { commit: first, snapshot: 2, insertions: 1, files: [{ path: 'new.txt' }] },
      snapshots: [
        { number: 2, commit: first, files: 1 },
        { number: 10, commit: second, files: 3 },
      ],
    });
    expect(facts.shown.diff).toContain('\n+one\n');
    const { stdout } = await agentswarm('attempts', 'show', 'vec3.1', '--diff');
    writeFileSync(join(root, 'patch'), stdout);
    git(target, 'apply', '--index', join(root, 'patch'));
    expect(git(target, 'write-tree')).toBe(
      git(join(target, '.agentswarm/store.git'), 'rev-parse', `${second}^{tree}`),
    );
  });

  it('prefers what was handed in', async () => {
    git(join(target, '.agentswarm/store.git'), 'update-ref', `refs/agentswarm/${RUN_ID}/vec3.1`, first);
    expect(await json('attempts', 'show', 'vec3.1')).toMatchObject({ head: first, shown: { commit: first } });
  });

  it.each([
    [['noise.2'], 'CLI_ATTEMPT_NOT_FOUND', 'its attempts: vec3.1, noise.1'],
    [['vec3.1', '--snapshot', '3'], 'CLI_SNAPSHOT_NOT_FOUND', 'its snapshots: 2, 10'],
    [['vec3.1', '--snapshot', 'x'], 'CLI_USAGE', '--snapshot'],
    [['noise.1', '--diff'], 'CLI_SNAPSHOT_NOT_FOUND', 'nothing is kept of noise.1'],
    [['vec3.1', '--run', 'run-none'], 'CLI_RUN_NOT_FOUND', RUN_ID],
  ])('refuses %j as %s', async (argv, code, message) => {
    const result = await agentswarm('attempts', 'show', ...argv);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(`[${code}]`);
    expect(result.stderr).toContain(message);
  });

  it('shows an attempt of which nothing is kept', async () => {
    expect((await agentswarm('attempts', 'show', 'noise.1')).stdout).toContain('nothing is kept of it');
  });
});

describe('attempts restore', () => {
  it('makes a branch of the repository, and nothing else there', async () => {
    mkdirSync(join(target, '.git/hooks'), { recursive: true });
    writeFileSync(join(target, '.git/hooks/reference-transaction'), `#!/bin/sh\ntouch ${root}/ran\n`, {
      mode: 0o755,
    });
    const before = git(target, 'status', '--porcelain=v2', '--branch');
    const { code, stdout } = await agentswarm('attempts', 'restore', 'vec3.1', '--branch', 'rescued/vec3');
    expect(code).toBe(0);
    expect(stdout).toContain(`vec3.1 (snapshot 10) is at branch rescued/vec3`);
    expect(git(target, 'rev-parse', 'rescued/vec3')).toBe(second);
    expect(git(target, 'for-each-ref', '--format=%(refname)')).toBe(
      'refs/heads/main\nrefs/heads/rescued/vec3',
    );
    expect(git(target, 'status', '--porcelain=v2', '--branch')).toBe(before);
    expect(existsSync(join(root, 'ran'))).toBe(false);
  });

  it('writes a folder with the files as they were committed, running no filter', async () => {
    git(target, 'config', 'filter.evil.smudge', `touch ${root}/ran; cat`);
    writeFileSync(join(root, '.gitconfig'), `[filter "evil"]\n\tsmudge = touch ${root}/ran; cat\n`);
    const facts = await json('attempts', 'restore', 'vec3.1', '--to', '../look');
    expect(facts).toEqual({
      runId: RUN_ID,
      attemptId: 'vec3.1',
      commit: second,
      snapshot: 10,
      directory: join(root, 'look'),
    });
    expect(readdirSync(join(root, 'look')).toSorted()).toEqual([
      '.gitattributes',
      'SPEC.md',
      'new.txt',
      'späte "Datei".sh',
    ]);
    expect(readFileSync(join(root, 'look/new.txt'), 'utf8')).toBe('two\n');
    expect(readdirSync(root).toSorted()).toEqual(['.gitconfig', 'look', 'target']);
  });

  it('overwrites nothing', async () => {
    mkdirSync(join(root, 'taken'));
    for (const place of [
      ['--branch', 'main'],
      ['--to', '../taken'],
      ['--to', '.'],
    ]) {
      const { code, stderr } = await agentswarm('attempts', 'restore', 'vec3.1', ...place);
      expect([place, code]).toEqual([place, 2]);
      expect(stderr).toContain('[CLI_RESTORE_EXISTS]');
    }
    expect(git(target, 'rev-parse', 'main')).toBe(base);
    expect(git(target, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    expect(readdirSync(join(root, 'taken'))).toEqual([]);
  });

  it.each([[[]], [['--branch', 'a', '--to', 'b']], [['--branch', '-x']], [['--branch', 'a..b']]])(
    'refuses %j',
    async (argv) => {
      const { code, stderr } = await agentswarm('attempts', 'restore', 'vec3.1', ...argv);
      expect(code).toBe(2);
      expect(stderr).toContain('[CLI_USAGE]');
    },
  );
});
