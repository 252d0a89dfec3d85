import { spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../../scripts/checks/run-tool.ts';
import { writeToyFile } from '../checks/toy-repository.ts';
import { pythonCalls, toyInfra, writeFakePython } from './fake-python.ts';
import { createToyClone, plant } from './toy-clone.ts';

test('installs once, then runs the command with nothing else on stdout', async () => {
  await using toy = await createToyClone();
  const first = await toy.start(['exit', '3', '--flag', 'two words'], { INIT_CWD: '/somewhere' }).ended;
  expect(first.exitCode).toBe(3);
  expect(JSON.parse(first.stdout)).toEqual({
    args: ['exit', '3', '--flag', 'two words'],
    cwd: toy.root,
    initCwd: '/somewhere',
  });
  expect(first.stderr).toContain('installing Node and the dependencies');

  const second = await toy.start([]).ended;
  expect(second).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await toy.installations()).toEqual([
    expect.stringContaining('-y pnpm@12.21.0 install --frozen-lockfile'),
  ]);
});

test.each([
  ['the lockfile', 'pnpm-lock.yaml', 'lockfileVersion: 2\n'],
  ['the workspace settings', 'pnpm-workspace.yaml', 'packages:\n  - packages/*\n'],
  [
    'the manifest of a package',
    'packages/cli/package.json',
    '{"name":"cli","type":"module","version":"2.0.0"}',
  ],
])('installs again when %s changed', async (_what, path, text) => {
  await using toy = await createToyClone();
  await toy.start([]).ended;
  await writeToyFile(toy.root, path, text);
  await toy.start([]).ended;
  await toy.start([]).ended;
  expect(await toy.installations()).toHaveLength(2);
});

test('the demo sets the Python side up, too, and other commands do not wait for it', async () => {
  await using toy = await createToyClone();
  for (const [path, text] of Object.entries(toyInfra())) await writeToyFile(toy.root, path, text);
  await writeFakePython(toy.root);
  expect(await toy.start(['status'], { TOY: toy.root }).ended).toMatchObject({ exitCode: 0 });
  expect(await pythonCalls(toy.root)).toEqual([]);
  expect(await toy.start(['demo'], { TOY: toy.root }).ended).toMatchObject({ exitCode: 0 });
  expect((await pythonCalls(toy.root)).at(-1)).toContain('--require-hashes');
  expect(await toy.start(['demo'], { TOY: toy.root }).ended).toMatchObject({ exitCode: 0, stderr: '' });
});

test('a machine without Python has everything else', async () => {
  await using toy = await createToyClone();
  for (const [path, text] of Object.entries(toyInfra())) await writeToyFile(toy.root, path, text);
  const env = { PYTHON_PATH: '/nowhere/python3' };
  expect(await toy.start(['demo'], env).ended).toMatchObject({ exitCode: 0 });
  expect(await toy.start(['demo'], env).ended).toMatchObject({ exitCode: 0, stderr: '' });
});

test('a failed installation shows its reason, and the next run tries again', async () => {
  await using toy = await createToyClone();
  await plant(toy.root, 'fail-once');
  const failed = await toy.start([]).ended;
  expect(failed).toMatchObject({ exitCode: 1, stdout: '' });
  expect(failed.stderr).toContain('installing the toolchain failed (exit code 7)');
  expect(failed.stderr).toContain('ERR_PNPM_SOMETHING the reason');
  expect(await toy.start([]).ended).toMatchObject({ exitCode: 0 });
});

test('an interrupted installation counts as none', async () => {
  await using toy = await createToyClone();
  await plant(toy.root, 'slow');
  const interrupted = toy.start([]);
  await fileAppears(join(toy.root, 'slow-started'));
  interrupted.child.kill('SIGINT');
  const ended = await interrupted.ended;
  expect(ended).toMatchObject({ exitCode: 130, stdout: '' });
  expect(ended.stderr).toContain('run the command again');
  expect(await toy.start([]).ended).toMatchObject({ exitCode: 0 });
  expect(await toy.installations()).toHaveLength(2);
});

test('of two first runs at once, one installs and both go on', async () => {
  await using toy = await createToyClone();
  await plant(toy.root, 'slow');
  const runs = await Promise.all([toy.start(['a']).ended, toy.start(['b']).ended]);
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(await toy.installations()).toHaveLength(1);
});

test('the lock of a process that died is taken over', async () => {
  await using toy = await createToyClone();
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeToyFile(toy.root, '.cache/install.lock', JSON.stringify({ pid, host: hostname(), nonce: 1 }));
  expect(await toy.start([]).ended).toMatchObject({ exitCode: 0 });
});

test('without a usable HOME everything goes below .cache', async () => {
  await using toy = await createToyClone();
  expect(await toy.start([], { HOME: '/dev/null/nowhere' }).ended).toMatchObject({ exitCode: 0 });
  expect(await toy.installations()).toEqual([
    expect.stringContaining(`HOME=${join(toy.root, '.cache', 'home')}`),
  ]);
});

test.each(['SIGINT', 'SIGTERM'] as const)('passes %s on once when there is no terminal', async (signal) => {
  await using toy = await createToyClone();
  const running = toy.start(['wait']);
  await saysReady(running.child);
  running.child.kill(signal);
  running.child.kill(signal); // npm repeats what it receives
  const { exitCode, stdout } = await running.ended;
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(signal);
  expect(exitCode).toBe(130);
});

test('a Node too old to install anything is told so', () => {
  const pretend = "data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'16.20.2'}})";
  const script = join(repositoryRoot, 'scripts', 'with-toolchain.mjs');
  const { status, stderr } = spawnSync(process.execPath, ['--import', pretend, script, 'agentswarm'], {
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stderr).toContain('Node 16.20.2 is too old');
});

async function fileAppears(path: string): Promise<void> {
  while (!existsSync(path)) await sleep(20);
}

async function saysReady({ stdout }: ChildProcess): Promise<void> {
  for await (const text of stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    if (String(text).includes('ready')) return;
  }
}
