import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { boundariesCheck } from '../../scripts/checks/boundaries-check.ts';
import { createToyRepository } from './toy-repository.ts';
import type { ToyFiles } from './toy-repository.ts';

const PACKAGES = ['core', 'git', 'journal', 'merge-queue', 'orchestrator', 'worker', 'cli', 'newcomer'];

const CLEAN: ToyFiles = {
  'packages/core/src/index.ts': 'export const id = 1;\n',
  'packages/git/src/index.ts': "export { run } from './spawn.ts';\n",
  'packages/git/src/spawn.ts':
    "import { spawn } from 'node:child_process';\nimport { id } from '@agentswarm/core';\nexport const run = () => spawn('git', [String(id)]);\n",
  'packages/git/src/spawn.test.ts': "import { run } from './spawn.ts';\nrun();\n",
  'packages/journal/src/index.ts': 'export const journal = 1;\n',
  'packages/journal/src/testing.ts': 'export const suite = 1;\n',
  'packages/merge-queue/src/index.ts': "export { run as land } from '@agentswarm/git';\n",
  'packages/orchestrator/src/index.ts': "export { land } from '@agentswarm/merge-queue';\n",
  'packages/worker/src/index.ts': 'export const work = 1;\n',
  'packages/newcomer/src/index.ts': 'export const newcomer = 1;\n',
  'packages/cli/src/index.ts':
    "export { land } from '@agentswarm/orchestrator';\nexport { work } from '@agentswarm/worker';\n",
  'tests/flow.test.ts': "import { suite } from '@agentswarm/journal/testing';\nexport default suite;\n",
};

const PLANTED: readonly (readonly [rule: string, what: string, files: ToyFiles])[] = [
  [
    'layer-core',
    'core importing git',
    { 'packages/core/src/index.ts': "export { run } from '@agentswarm/git';\n" },
  ],
  [
    'layer-merge-queue',
    'merge-queue importing journal',
    { 'packages/merge-queue/src/index.ts': "export { journal } from '@agentswarm/journal';\n" },
  ],
  [
    'layer-orchestrator',
    'orchestrator importing only a type of worker',
    { 'packages/orchestrator/src/index.ts': "export type { work } from '@agentswarm/worker';\n" },
  ],
  [
    'layer-unlisted-package',
    'a package that has no row in the table',
    { 'packages/newcomer/src/index.ts': "export { id } from '@agentswarm/core';\n" },
  ],
  [
    'no-circular',
    'two files importing each other',
    {
      'packages/git/src/a.ts': "import { b } from './b.ts';\nexport const a = () => b;\n",
      'packages/git/src/b.ts': "import { a } from './a.ts';\nexport const b = () => a;\n",
    },
  ],
  [
    'no-deep-import',
    "another package's internals",
    { 'packages/merge-queue/src/index.ts': "export { run } from '../../git/src/spawn.ts';\n" },
  ],
  [
    'no-deep-import-from-tests',
    'internals imported by a cross-package test',
    { 'tests/flow.test.ts': "import { run } from '../packages/git/src/spawn.ts';\nrun();\n" },
  ],
  [
    'core-is-pure',
    'a Node module in core',
    { 'packages/core/src/index.ts': "export { readFileSync } from 'node:fs';\n" },
  ],
  [
    'spawn-only-at-edges',
    'a process started outside spawn.ts',
    { 'packages/git/src/status.ts': "export { spawn } from 'node:child_process';\n" },
  ],
  [
    'spawn-only-at-edges',
    'a process started by a package that may not',
    { 'packages/merge-queue/src/spawn.ts': "export { spawn } from 'child_process';\n" },
  ],
  [
    'not-from-test',
    'a source importing a test',
    { 'packages/git/src/index.ts': "import './spawn.test.ts';\n" },
  ],
  [
    'resolvable',
    'an import that leads nowhere',
    { 'packages/git/src/index.ts': "export { gone } from './gone.ts';\n" },
  ],
];

describe('boundaries', () => {
  test('a workspace within its boundaries passes', async () => {
    await using toy = await createWorkspace(CLEAN);
    expect(await boundariesCheck.run(toy.root)).toEqual({ ok: true, report: '' });
  });

  test.each(PLANTED)('%s reports %s', async (rule, _what, files) => {
    await using toy = await createWorkspace({ ...CLEAN, ...files });
    const { ok, report } = await boundariesCheck.run(toy.root);
    expect(ok).toBe(false);
    expect(report).toContain(`${rule}: `);
  });

  test('inspecting no module at all is a failure', async () => {
    await using toy = await createToyRepository({
      'tsconfig.json': { files: ['elsewhere.ts'] },
      'elsewhere.ts': 'export {};\n',
      'packages/core/package.json': {},
    });
    expect(await boundariesCheck.run(toy.root)).toMatchObject({
      ok: false,
      report: expect.stringContaining('No module of any package was inspected') as string,
    });
  });
});

async function createWorkspace(files: ToyFiles) {
  const manifests = Object.fromEntries(
    PACKAGES.map((name) => [`packages/${name}/package.json`, manifest(name)]),
  );
  const toy = await createToyRepository({ 'tsconfig.json': { compilerOptions: {} }, ...manifests, ...files });
  const scope = join(toy.root, 'node_modules', '@agentswarm');
  await mkdir(scope, { recursive: true });
  for (const name of PACKAGES) await symlink(join(toy.root, 'packages', name), join(scope, name));
  return toy;
}

function manifest(name: string) {
  return {
    name: `@agentswarm/${name}`,
    type: 'module',
    exports: {
      '.': { '@agentswarm/source': './src/index.ts', default: './dist/index.js' },
      './testing': { '@agentswarm/source': './src/testing.ts', default: './dist/testing.js' },
    },
  };
}
