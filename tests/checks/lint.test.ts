import type { ESLint } from 'eslint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lintCheck } from '../../scripts/checks/tool-checks.ts';
import { repositoryRoot, runTool } from '../../scripts/checks/run-tool.ts';
import { createToyRepository, linkDependencies, toyTsconfig, trackFiles } from './toy-repository.ts';
import type { ToyRepository } from './toy-repository.ts';

interface Planted {
  readonly title: string;
  readonly path: string;
  readonly rule: string;
  readonly code: string;
}

const source = (name: string) => `packages/git/src/${name}.ts`;
const lines = (count: number, line: string) => `${line}\n`.repeat(count);

const PLANTED: readonly Planted[] = [
  {
    title: 'a catch clause without a parameter',
    path: source('bare-catch'),
    rule: 'no-restricted-syntax',
    code: 'export function read(f: () => void) {\n  try {\n    f();\n  } catch {\n    // ignored\n  }\n}',
  },
  {
    title: 'a caught error nobody reads',
    path: source('swallowed'),
    rule: 'agentswarm/no-swallowed-error',
    code: 'export function read(f: () => void): number {\n  try {\n    f();\n  } catch (error) {\n    return 1;\n  }\n  return 0;\n}',
  },
  {
    title: 'a caught error that is only voided',
    path: source('voided'),
    rule: 'agentswarm/no-swallowed-error',
    code: 'export function read(f: () => void): void {\n  try {\n    f();\n  } catch (error) {\n    void error;\n  }\n}',
  },
  {
    title: 'a rejection handler that drops the error',
    path: source('dropped-rejection'),
    rule: 'agentswarm/no-swallowed-error',
    code: 'export const quiet = (p: Promise<number>) => p.catch(() => 0);',
  },
  {
    title: 'one of our errors thrown without the caught one as its cause',
    path: source('lost-cause'),
    rule: 'preserve-caught-error',
    code: "import { ToyError } from './errors.ts';\nexport function read(f: () => void, log: (e: unknown) => void) {\n  try {\n    f();\n  } catch (error) {\n    log(error);\n    throw new ToyError('TOY', 'failed');\n  }\n}",
  },
  {
    title: 'throw new Error in a package',
    path: source('plain-error'),
    rule: 'no-restricted-syntax',
    code: "export function fail(): never {\n  throw new Error('no code');\n}",
  },
  {
    title: 'instanceof Error outside core',
    path: source('instance-dance'),
    rule: 'no-restricted-syntax',
    code: 'export const text = (e: unknown) => (e instanceof Error ? e.message : String(e));',
  },
  {
    title: 'a floating promise',
    path: source('floating'),
    rule: '@typescript-eslint/no-floating-promises',
    code: 'export function start(run: () => Promise<void>) {\n  run();\n}',
  },
  {
    title: 'a promise used as a condition',
    path: source('misused'),
    rule: '@typescript-eslint/no-misused-promises',
    code: 'export function ask(ready: () => Promise<boolean>) {\n  if (ready()) return 1;\n  return 0;\n}',
  },
  {
    title: 'a switch that forgets a case',
    path: source('forgotten-case'),
    rule: '@typescript-eslint/switch-exhaustiveness-check',
    code: "export function paint(c: 'red' | 'blue') {\n  let n = 0;\n  switch (c) {\n    case 'red':\n      n = 1;\n      break;\n  }\n  return n;\n}",
  },
  {
    title: 'the environment read in a library',
    path: source('reads-env'),
    rule: 'no-restricted-syntax',
    code: 'export const home = () => process.env.HOME;',
  },
  {
    title: 'the environment read in cli outside env.ts',
    path: 'packages/cli/src/run.ts',
    rule: 'no-restricted-syntax',
    code: 'export const where = () => process.cwd();',
  },
  {
    title: 'the environment imported by name',
    path: source('imports-env'),
    rule: 'no-restricted-syntax',
    code: "import { env } from 'node:process';\nexport const home = () => env.HOME;",
  },
  {
    title: 'console in a package',
    path: source('prints'),
    rule: 'no-console',
    code: "export const hello = () => console.log('hello');",
  },
  {
    title: 'stdout written by a library',
    path: source('writes-stdout'),
    rule: 'no-restricted-syntax',
    code: "export const hello = () => process.stdout.write('hello');",
  },
  {
    title: 'export *',
    path: source('leaky'),
    rule: 'no-restricted-syntax',
    code: "export * from './clean.ts';",
  },
  {
    title: 'a cast through unknown',
    path: source('double-cast'),
    rule: 'no-restricted-syntax',
    code: 'export const asNumber = (text: string) => text as unknown as number;',
  },
  {
    title: 'a file of more than 300 code lines',
    path: source('long-file'),
    rule: 'max-lines',
    code: Array.from({ length: 301 }, (_, n) => `export const n${n} = ${n};`).join('\n'),
  },
  {
    title: 'a function of more than 60 lines',
    path: source('long-function'),
    rule: 'max-lines-per-function',
    code: `export function long(f: () => void) {\n${lines(61, '  f();')}}`,
  },
  {
    title: 'a function of complexity above 12',
    path: source('complex'),
    rule: 'complexity',
    code: `export function pick(n: number) {\n${Array.from({ length: 12 }, (_, n) => `  if (n === ${n}) return ${n * 2};`).join('\n')}\n  return 0;\n}`,
  },
  {
    title: 'blocks nested more than four deep',
    path: source('deep'),
    rule: 'max-depth',
    code: 'export function deep(n: number, f: () => void) {\n  if (n > 1) {\n    if (n > 2) {\n      if (n > 3) {\n        if (n > 4) {\n          if (n > 5) f();\n        }\n      }\n    }\n  }\n}',
  },
  {
    title: 'more than three parameters',
    path: source('many-parameters'),
    rule: 'max-params',
    code: 'export const add = (a: number, b: number, c: number, d: number) => a + b + c + d;',
  },
  {
    title: 'a file name that says nothing',
    path: source('git-utils'),
    rule: 'agentswarm/telling-file-name',
    code: 'export const one = 1;',
  },
  {
    title: 'a folder name that says nothing',
    path: 'packages/git/src/shared/one.ts',
    rule: 'agentswarm/telling-file-name',
    code: 'export const one = 1;',
  },
  {
    title: 'a file name in camel case',
    path: source('mergeTree'),
    rule: 'agentswarm/telling-file-name',
    code: 'export const one = 1;',
  },
  {
    title: 'a module replaced in a test',
    path: 'packages/git/src/replaced.test.ts',
    rule: 'no-restricted-syntax',
    code: "declare const vi: { mock(path: string): void };\nvi.mock('./clean.ts');",
  },
];

const CLEAN = {
  'packages/git/src/clean.ts':
    'export function read(f: () => void, log: (e: unknown) => void): boolean {\n  try {\n    f();\n    return true;\n  } catch (error) {\n    log(error);\n    return false;\n  }\n}\n\nexport const orZero = (p: Promise<number>, log: (e: unknown) => void) =>\n  p.catch((error: unknown) => {\n    log(error);\n    return 0;\n  });',
  'packages/git/src/errors.ts':
    'export class ToyError extends Error {\n  readonly code: string;\n  constructor(code: string, message: string, options: { readonly cause?: unknown } = {}) {\n    super(message, options);\n    this.code = code;\n  }\n}',
  'packages/git/src/keeps-cause.ts':
    "import { ToyError } from './errors.ts';\nexport function read(f: () => void) {\n  try {\n    f();\n  } catch (error) {\n    throw new ToyError('TOY', 'failed', { cause: error });\n  }\n}",
  'packages/cli/src/env.ts': 'export const readCwd = () => process.env.INIT_CWD ?? process.cwd();',
  'packages/git/src/clean.test.ts': "export const fail = () => {\n  throw new Error('tests may');\n};",
};

describe('lint', () => {
  let toy: ToyRepository;
  let rulesByPath: ReadonlyMap<string, readonly (string | null)[]>;

  beforeAll(async () => {
    const planted = Object.fromEntries(PLANTED.map(({ path, code }) => [path, `${code}\n`]));
    toy = await createToyRepository({ 'tsconfig.json': toyTsconfig, ...CLEAN, ...planted });
    await linkDependencies(toy.root);
    rulesByPath = await lintEverything(toy.root);
  });
  afterAll(() => toy[Symbol.asyncDispose]());

  test.each(PLANTED)('reports $title', ({ path, rule }) => {
    expect(rulesByPath.get(path)).toContain(rule);
  });

  test.each(Object.keys(CLEAN))('accepts %s', (path) => {
    expect(rulesByPath.get(path)).toEqual([]);
  });

  test('the check fails on a planted violation and passes without', async () => {
    await using bad = await createToyRepository({
      'tsconfig.json': toyTsconfig,
      ...CLEAN,
      [source('bad')]: 'var x = 1;\n',
    });
    await trackFiles(bad.root);
    await linkDependencies(bad.root);
    expect(await lintCheck.run(bad.root)).toMatchObject({
      ok: false,
      report: expect.stringContaining('no-var') as string,
    });
    await using good = await createToyRepository({ 'tsconfig.json': toyTsconfig, ...CLEAN });
    await trackFiles(good.root);
    await linkDependencies(good.root);
    expect(await lintCheck.run(good.root)).toEqual({ ok: true, report: '' });
  });
});

async function lintEverything(root: string) {
  const config = `${repositoryRoot}/eslint.config.js`;
  const { stdout } = await runTool(['eslint', '--config', config, '--format', 'json', '.'], { cwd: root });
  const results = JSON.parse(stdout) as ESLint.LintResult[];
  return new Map(
    results.map(({ filePath, messages }) => [
      filePath.slice(root.length + 1),
      messages.map(({ ruleId }) => ruleId),
    ]),
  );
}
