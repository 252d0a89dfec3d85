import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TestContext } from 'vitest';
import { pythonCheck } from '../../scripts/checks/python-check.ts';
import { repositoryRoot } from '../../scripts/checks/run-tool.ts';
import { pythonSide } from '../../scripts/python-side.ts';
import { runPytest } from '../../scripts/run-python-tests.ts';
import { createToyRepository } from './toy-repository.ts';
import type { ToyFiles } from './toy-repository.ts';

const TIDY: ToyFiles = {
  'infra/one.py': '"""One."""\n\nONE: int = 1\n"""The number."""\n',
  'scripts/two.py': '"""Two, from one."""\n\nfrom one import ONE\n\nTWO: int = ONE + 1\n',
};

async function createToyPython(context: TestContext, files: ToyFiles) {
  const side = await pythonSide(repositoryRoot);
  if (side.status === 'unavailable') return context.skip(side.reason);
  const toy = await createToyRepository(files);
  await cp(join(repositoryRoot, 'infra', 'pyproject.toml'), join(toy.root, 'infra', 'pyproject.toml'));
  return { ...toy, python: side.python };
}

test('passes on tidy sources', async (context) => {
  await using toy = await createToyPython(context, TIDY);
  expect(await pythonCheck.run(toy.root)).toEqual({ ok: true, report: '' });
});

test.for<readonly [what: string, said: string, files: ToyFiles]>([
  ['a file not formatted', 'one.py', { 'infra/one.py': '"""One."""\n\nONE: int   = 1\n' }],
  ['a lint finding', 'F401', { 'infra/one.py': '"""One."""\n\nimport os\n\nONE: int = 1\n' }],
  ['a type error', 'reportAssignmentType', { 'scripts/two.py': '"""Two."""\n\nTWO: int = "2"\n' }],
  [
    'an unknown module',
    'reportMissingImports',
    { 'scripts/two.py': '"""Two."""\n\nimport three\n\nthree.go()\n' },
  ],
])('reports %s', async ([, said, files], context) => {
  await using toy = await createToyPython(context, { ...TIDY, ...files });
  expect(await pythonCheck.run(toy.root)).toMatchObject({
    ok: false,
    report: expect.stringContaining(said) as string,
  });
});

test('tests are counted one by one, skips with their reasons, and what cannot be collected has failed', async (context) => {
  await using toy = await createToyPython(context, {
    'infra/test_some.py': [
      'import pytest',
      '',
      'def test_passes(): pass',
      '',
      'def test_fails(): raise ValueError',
      '',
      '@pytest.mark.parametrize("number", [1, 2])',
      'def test_numbers(number): assert number == 1',
      '',
      '@pytest.mark.skip(reason="no account")',
      'def test_left_out(): pass',
      '',
      'def test_gives_up(): pytest.skip("no network")',
      '',
      '@pytest.fixture',
      'def broken():',
      '    yield',
      '    raise ValueError',
      '',
      'def test_leaves_something(broken): pass',
      '',
    ].join('\n'),
    'infra/test_broken.py': 'import nothing_of_this_name\n',
  });
  const tally = await runPytest(join(toy.root, 'infra'), toy.python, { tell: false });
  expect(tally).toEqual({
    passed: 3,
    failures: [
      'infra/test_broken.py',
      'infra/test_some.py::test_fails',
      'infra/test_some.py::test_numbers[2]',
      'infra/test_some.py::test_leaves_something',
    ],
    skips: [
      { test: 'infra/test_some.py::test_left_out', reason: 'no account' },
      { test: 'infra/test_some.py::test_gives_up', reason: 'no network' },
    ],
  });
});
