import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SwarmConfigSchema } from '@agentswarm/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTarget } from '../src/index.ts';

let root: string;
let path: string;

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.invalid', ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();

const feature = (id: string, change: object = {}) => ({
  id,
  category: 'c',
  priority: 1,
  description: 'd',
  files: ['a.ts'],
  acceptance: ['x'],
  status: 'planned',
  ...change,
});

function commit(files: Record<string, string>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  git(path, 'add', '-A');
  git(path, 'commit', '--quiet', '-m', 'files');
  return git(path, 'rev-parse', 'HEAD');
}

const SOUND = {
  'SPEC.md': '# Spec\n',
  'FEATURES.json': JSON.stringify({ features: [feature('one')] }),
  'package.json': JSON.stringify({ scripts: { test: 'true', typecheck: 'true', lint: 'true' } }),
};

function addRemote(): string {
  const remote = join(root, 'remote.git');
  git(root, 'clone', '--quiet', '--bare', path, remote);
  git(path, 'remote', 'add', 'origin', '../remote.git');
  return remote;
}

const open = (change: object = {}) => openTarget({ path, config: SwarmConfigSchema.parse(change) });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'open-target-'));
  path = join(root, 'target');
  mkdirSync(path);
  git(path, 'init', '--quiet', '--initial-branch=main');
});

afterEach(() => rmSync(root, { recursive: true }));

describe('openTarget', () => {
  it('opens a repository with a relative remote and derives the gate from its scripts', async () => {
    const base = commit(SOUND);
    const remote = addRemote();
    await expect(open()).resolves.toMatchObject({
      path,
      base,
      remote,
      mainBranch: 'main',
      spec: '# Spec\n',
      gate: ['npm run typecheck', 'npm run test'],
      notices: [],
    });
    expect(git(path, 'status', '--porcelain')).toBe('');
  });

  it('makes a landing repository where there is no remote, and says so', async () => {
    const base = commit(SOUND);
    const target = await open();
    expect(target.notices.join()).toContain('no remote "origin"');
    expect(git(target.remote, 'rev-parse', 'main')).toBe(base);
    const next = commit({ 'more.txt': 'x' });
    await expect(open()).resolves.toMatchObject({ base: next });
  });

  it('only warns of a dirty work tree', async () => {
    commit(SOUND);
    addRemote();
    writeFileSync(join(path, 'SPEC.md'), 'changed');
    const target = await open();
    expect(target.notices).toEqual([expect.stringContaining('uncommitted changes')]);
    expect(target.spec).toBe('# Spec\n');
  });

  it('works on a bare repository and keeps its state inside the git directory', async () => {
    commit(SOUND);
    const bare = addRemote();
    const target = await openTarget({ path: bare, config: SwarmConfigSchema.parse({}) });
    expect(target).toMatchObject({ isBare: true });
    expect(target.state.path.startsWith(bare)).toBe(true);
  });

  it('refuses a folder that is no repository', async () => {
    rmSync(join(path, '.git'), { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: 'TARGET_NOT_A_REPOSITORY' });
    expect(existsSync(join(path, '.agentswarm'))).toBe(false);
  });

  it('refuses a subfolder and names the top level', async () => {
    commit(SOUND);
    mkdirSync(join(path, 'sub'));
    const opened = openTarget({ path: join(path, 'sub'), config: SwarmConfigSchema.parse({}) });
    await expect(opened).rejects.toMatchObject({ code: 'TARGET_IS_SUBFOLDER', details: { root: path } });
  });

  it('refuses a repository without a commit on main', async () => {
    await expect(open()).rejects.toMatchObject({ code: 'TARGET_BRANCH_MISSING' });
  });

  it.each(['SPEC.md', 'FEATURES.json'] as const)('refuses a repository without %s', async (name) => {
    const { [name]: _left, ...files } = SOUND;
    commit(files);
    await expect(open()).rejects.toMatchObject({ code: 'TARGET_FILE_MISSING', details: { file: name } });
  });

  it('names the entry and the field of an invalid FEATURES.json', async () => {
    commit({
      ...SOUND,
      'FEATURES.json': JSON.stringify({ features: [feature('one'), feature('two', { priority: 'high' })] }),
    });
    await expect(open()).rejects.toMatchObject({
      code: 'FEATURES_INVALID',
      message: expect.stringMatching(/features\[1\] \(id "two"\), field priority/) as string,
    });
  });

  it('shows the path of a dependency cycle between features', async () => {
    const features = [feature('one', { dependsOn: ['two'] }), feature('two', { dependsOn: ['one'] })];
    commit({ ...SOUND, 'FEATURES.json': JSON.stringify({ features }) });
    await expect(open()).rejects.toMatchObject({
      code: 'FEATURES_INVALID',
      message: expect.stringMatching(/one.*two.*one/s) as string,
    });
  });

  it('refuses a local main that differs from the remote, naming both commits', async () => {
    const old = commit(SOUND);
    addRemote();
    const local = commit({ 'more.txt': 'x' });
    await expect(open()).rejects.toMatchObject({ code: 'TARGET_DIVERGED', details: { local, remote: old } });
  });

  it('refuses a remote that cannot be read', async () => {
    commit(SOUND);
    git(path, 'remote', 'add', 'origin', join(root, 'nowhere.git'));
    await expect(open()).rejects.toMatchObject({ code: 'TARGET_REMOTE_UNREACHABLE' });
  });

  it('refuses a repository without gate commands', async () => {
    commit({ ...SOUND, 'package.json': '{}' });
    await expect(open()).rejects.toMatchObject({ code: 'GATE_MISSING' });
    await expect(open({ gate: ['true'] })).resolves.toMatchObject({ gate: ['true'] });
  });
});
