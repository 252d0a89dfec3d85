import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ensurePython } from '../../scripts/toolchain/ensure-python.mjs';
import { createToyRepository, writeToyFile } from '../checks/toy-repository.ts';
import { pythonCalls, toyInfra, writeFakePython } from './fake-python.ts';

async function createToyInfra(probe?: string) {
  const toy = await createToyRepository(toyInfra(probe));
  await writeFakePython(toy.root);
  const env = { TOY: toy.root, PATH: `${join(toy.root, 'bin')}:${process.env['PATH']}` };
  const python = join(toy.root, 'infra', '.venv', 'bin', 'python');
  return {
    ...toy,
    python,
    ensure: (more: Record<string, string> = {}) => ensurePython({ root: toy.root, env: { ...env, ...more } }),
    installations: async () => (await pythonCalls(toy.root)).filter((call) => call.includes('pip ')).length,
  };
}

test('sets the environment up once, with hashes', async () => {
  await using toy = await createToyInfra();
  expect(await toy.ensure()).toEqual({ status: 'ready', python: toy.python });
  const calls = await pythonCalls(toy.root);
  expect(calls.at(-1)).toContain('--require-hashes -r');
  expect(await toy.ensure()).toEqual({ status: 'ready', python: toy.python });
  expect(await pythonCalls(toy.root)).toEqual(calls);
});

test('sets it up again when the lockfile changed', async () => {
  await using toy = await createToyInfra();
  await toy.ensure();
  await writeToyFile(toy.root, 'infra/requirements.txt', 'modal==1.5.5 --hash=sha256:1\n');
  await toy.ensure();
  expect(await toy.installations()).toBe(2);
});

test('sets it up again when it links to another interpreter', async () => {
  await using toy = await createToyInfra();
  await toy.ensure();
  await writeFakePython(toy.root, 'opt/python3.13');
  await rm(toy.python);
  await symlink(join(toy.root, 'opt', 'python3.13'), toy.python);
  await toy.ensure();
  expect(await toy.installations()).toBe(2);
});

test('a failed set-up says why, and the next run tries again', async () => {
  await using toy = await createToyInfra();
  await writeToyFile(toy.root, 'fail-once', '');
  expect(await toy.ensure()).toMatchObject({
    status: 'unavailable',
    reason: expect.stringContaining('ERROR: no such hash') as string,
  });
  expect(await toy.ensure()).toMatchObject({ status: 'ready' });
});

test('two at once set it up once', async () => {
  await using toy = await createToyInfra();
  const sides = await Promise.all([toy.ensure(), toy.ensure()]);
  expect(sides.map(({ status }) => status)).toEqual(['ready', 'ready']);
  expect(await toy.installations()).toBe(1);
});

test.each([
  ['too old', '[3, 10, true]', 'python3 is Python 3.10; 3.11 or newer is needed'],
  [
    'without venv',
    '[3, 11, false]',
    'python3 has no venv (on Debian or Ubuntu: apt-get install python3-venv)',
  ],
])('a Python %s is named', async (_what, probe, reason) => {
  await using toy = await createToyInfra(probe);
  expect(await toy.ensure()).toEqual({ status: 'unavailable', reason });
});

test('a machine without Python is told so', async () => {
  await using toy = await createToyInfra();
  await mkdir(join(toy.root, 'empty'));
  expect(await toy.ensure({ PATH: join(toy.root, 'empty') })).toEqual({
    status: 'unavailable',
    reason: 'python3 is not installed',
  });
  expect(await toy.ensure({ PYTHON_PATH: '/nowhere/python' })).toEqual({
    status: 'unavailable',
    reason: '/nowhere/python is not installed',
  });
});
