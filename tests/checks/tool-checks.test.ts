import { describe, expect, test } from 'vitest';
import type { Check } from '../../scripts/checks/check.ts';
import { formatCheck, typesCheck, unusedCheck } from '../../scripts/checks/tool-checks.ts';
import { createToyRepository, linkDependencies, toyTsconfig } from './toy-repository.ts';
import type { ToyFiles } from './toy-repository.ts';

const TIDY: ToyFiles = {
  'package.json': { name: 'toy', private: true, type: 'module' },
  'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
  'tsconfig.json': toyTsconfig,
  // Its lists are not laid out as prettier would.
  '.prettierignore': 'tsconfig.json\n',
  'knip.json': '{ "workspaces": { "packages/*": { "project": ["src/**/*.ts"] } } }\n',
  'packages/core/package.json': {
    name: '@agentswarm/core',
    type: 'module',
    exports: { '.': './src/index.ts' },
  },
  'packages/core/src/index.ts': "export { one } from './one.ts';\n",
  'packages/core/src/one.ts': 'export const one = 1;\n',
};

const PLANTED: readonly (readonly [what: string, check: Check, said: string, files: ToyFiles])[] = [
  ['a file not formatted', formatCheck, 'one.ts', { 'packages/core/src/one.ts': 'export const one   = 1\n' }],
  [
    'a type error',
    typesCheck,
    'TS2322',
    { 'packages/core/src/one.ts': "export const one: number = 'one';\n" },
  ],
  [
    'an index that may miss',
    typesCheck,
    'TS2322',
    { 'packages/core/src/one.ts': 'export const one = (list: number[]): number => list[0];\n' },
  ],
  [
    'syntax that type stripping cannot erase',
    typesCheck,
    'TS1294',
    { 'packages/core/src/one.ts': 'export enum one {\n  a,\n}\n' },
  ],
  [
    'an unused file',
    unusedCheck,
    'orphan.ts',
    { 'packages/core/src/orphan.ts': 'export const orphan = 1;\n' },
  ],
  [
    'an unused export',
    unusedCheck,
    'spare',
    { 'packages/core/src/one.ts': 'export const one = 1;\nexport const spare = 2;\n' },
  ],
  [
    'an unused dependency',
    unusedCheck,
    'zod',
    {
      'packages/core/package.json': {
        name: '@agentswarm/core',
        type: 'module',
        exports: { '.': './src/index.ts' },
        dependencies: { zod: '^4.0.0' },
      },
    },
  ],
];

describe.each([formatCheck, typesCheck, unusedCheck])('$name', (check) => {
  test('passes on a tidy repository', async () => {
    await using toy = await createToyRepository(TIDY);
    await linkDependencies(toy.root);
    expect(await check.run(toy.root)).toMatchObject({ ok: true });
  });

  test.each(PLANTED.filter(([, each]) => each === check))(
    'reports %s',
    async (_what, _check, said, files) => {
      await using toy = await createToyRepository({ ...TIDY, ...files });
      await linkDependencies(toy.root);
      expect(await check.run(toy.root)).toMatchObject({
        ok: false,
        report: expect.stringContaining(said) as string,
      });
    },
  );
});
