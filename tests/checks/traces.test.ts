import { describe, expect, test } from 'vitest';
import type { Check } from '../../scripts/checks/check.ts';
import { lockfilesCheck, tracesCheck } from '../../scripts/checks/traces-check.ts';
import { createToyRepository, trackFiles } from './toy-repository.ts';
import type { ToyFiles } from './toy-repository.ts';

// Put together here, so that this file itself holds none of what the check looks for.
const HOST = ['registry', 'example', 'org'].join('.');
const SERVER = ['https:', '', 'packages.example.org'].join('/');
const HOME = ['', 'home', 'somebody', 'project'].join('/');

const CLEAN: ToyFiles = {
  'README.md': 'Clone it to /tmp/agentswarm or ~/work.\n',
  'pnpm-lock.yaml':
    "lockfileVersion: '9.0'\npackages:\n  zod@4.6.7:\n    resolution: {integrity: sha512-x}\n",
  'package-lock.json': { packages: { zod: { version: '4.6.7', funding: { url: 'https://example.org' } } } },
};

const PLANTED: readonly (readonly [what: string, check: Check, path: string, text: string])[] = [
  ['a machine path', tracesCheck, 'docs/notes.md', `See ${HOME}/file.\n`],
  ['a machine path on macOS', tracesCheck, 'src/a.ts', `const p = '${HOME.replace('home', 'Users')}';\n`],
  ['a registry host', tracesCheck, 'scripts/a.sh', `npm install --registry https://${HOST}/\n`],
  ['a registry setting', tracesCheck, '.npmrc', `registry=${SERVER}/\n`],
  [
    'a download address in pnpm-lock.yaml',
    lockfilesCheck,
    'pnpm-lock.yaml',
    `packages:\n  zod@4.6.7:\n    resolution: {integrity: sha512-x, tarball: ${SERVER}/zod.tgz}\n`,
  ],
  [
    'a download address in package-lock.json',
    lockfilesCheck,
    'target-repo/package-lock.json',
    `{"packages":{"zod":{"resolved": "${SERVER}/zod.tgz"}}}\n`,
  ],
  [
    'a download address in uv.lock',
    lockfilesCheck,
    'infra/uv.lock',
    `wheels = [{ url = "${SERVER}/modal.whl" }]\n`,
  ],
];

describe.each([tracesCheck, lockfilesCheck])('$name', (check) => {
  test('passes on files without traces', async () => {
    await using toy = await createToyRepository(CLEAN);
    await trackFiles(toy.root);
    expect(await check.run(toy.root)).toEqual({ ok: true, report: '' });
  });

  test.each(PLANTED.filter(([, each]) => each === check))('reports %s', async (_what, _check, path, text) => {
    await using toy = await createToyRepository({ ...CLEAN, [path]: text });
    await trackFiles(toy.root);
    const { ok, report } = await check.run(toy.root);
    expect(ok).toBe(false);
    expect(report).toMatch(new RegExp(`^${path}:\\d+: `));
  });

  test('inspecting no file at all is a failure', async () => {
    await using toy = await createToyRepository({});
    await trackFiles(toy.root);
    expect(await check.run(toy.root)).toMatchObject({ ok: false });
  });
});
