import { describe, expect, test } from 'vitest';
import { packagesCheck } from '../../scripts/checks/packages-check.ts';
import { createToyRepository } from './toy-repository.ts';
import type { ToyFiles } from './toy-repository.ts';

const MANIFEST = {
  name: '@agentswarm/toy',
  version: '0.1.0',
  description: 'A toy.',
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=22.18' },
  files: ['dist', 'src'],
  exports: {
    '.': {
      '@agentswarm/source': './src/index.ts',
      types: './dist/index.d.ts',
      default: './dist/index.js',
    },
    './package.json': './package.json',
  },
};

const SOUND: ToyFiles = {
  'packages/toy/package.json': MANIFEST,
  'packages/toy/LICENSE': 'MIT\n',
  'packages/toy/README.md': '# toy\n',
  'packages/toy/src/index.ts': 'export const one = 1;\n',
  'packages/toy/dist/index.js': 'export const one = 1;\n',
  'packages/toy/dist/index.d.ts': 'export declare const one = 1;\n',
};

const PLANTED: readonly (readonly [what: string, said: string, files: ToyFiles])[] = [
  [
    'an export whose file is not there',
    'publint: pkg.exports["./gone"].default is ./dist/gone.js but the file does not exist',
    {
      'packages/toy/package.json': {
        ...MANIFEST,
        exports: {
          ...MANIFEST.exports,
          './gone': {
            '@agentswarm/source': './src/gone.ts',
            types: './dist/gone.d.ts',
            default: './dist/gone.js',
          },
        },
      },
    },
  ],
  [
    'types no ESM consumer can resolve',
    'attw:',
    {
      'packages/toy/dist/index.d.ts': "export { one } from './internal';\n",
      'packages/toy/dist/internal.d.ts': 'export declare const one = 1;\n',
      'packages/toy/dist/internal.js': 'export const one = 1;\n',
    },
  ],
  [
    'a command that cannot be executed',
    'publint:',
    { 'packages/toy/package.json': { ...MANIFEST, bin: { toy: './dist/index.js' } } },
  ],
  [
    'conditions in the wrong order',
    'the conditions of its export "."',
    {
      'packages/toy/package.json': {
        ...MANIFEST,
        exports: { '.': { default: './dist/index.js', types: './dist/index.d.ts' } },
      },
    },
  ],
  [
    'a package without a license',
    'its license is not MIT',
    { 'packages/toy/package.json': { ...MANIFEST, license: undefined } },
  ],
];

describe('packages', () => {
  test('a sound package passes', async () => {
    await using toy = await createToyRepository(SOUND);
    expect(await packagesCheck.run(toy.root)).toEqual({ ok: true, report: '' });
  });

  test.each(PLANTED)('reports %s', async (_what, said, files) => {
    await using toy = await createToyRepository({ ...SOUND, ...files });
    const { ok, report } = await packagesCheck.run(toy.root);
    expect(ok).toBe(false);
    expect(report).toContain(said);
  });

  test('reports a missing LICENSE file', async () => {
    const { 'packages/toy/LICENSE': _license, ...rest } = SOUND;
    await using toy = await createToyRepository(rest);
    expect(await packagesCheck.run(toy.root)).toEqual({
      ok: false,
      report: '@agentswarm/toy: it has no LICENSE file',
    });
  });

  test('inspecting no package at all is a failure', async () => {
    await using toy = await createToyRepository({});
    expect(await packagesCheck.run(toy.root)).toMatchObject({ ok: false });
  });
});
