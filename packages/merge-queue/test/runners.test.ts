import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { countPassedTests, hasNoTests } from '../src/gate/count-tests.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'agentswarm-runners-'));
afterAll(() => rmSync(folder, { recursive: true }));
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));

const FILES = {
  'node.test.mjs': `import test from 'node:test';
    test('a', () => {}); test('b', async (t) => { await t.test('inner', () => {}); }); test.skip('c', () => {});`,
  'vi.spec.mjs': `import { describe, expect, test } from 'vitest';
    describe('a', () => { test('b', () => expect(1).toBe(1)); test('c', () => {}); }); test.skip('d', () => {});`,
  'test_py.py':
    'import unittest\ndef test_a(): pass\nclass T(unittest.TestCase):\n  def test_b(self): pass\n',
  'a_test.go':
    'package a\nimport "testing"\nfunc TestA(t *testing.T) {}\nfunc TestB(t *testing.T) { t.Skip() }\n',
  'go.mod': 'module example.org/a\ngo 1.20\n',
};
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);

interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly output: string;
}

/** Runs a command line as a gate does; undefined when its program is not installed. */
function run(command: string): Promise<Run | undefined> {
  const path = [dirname(process.execPath), join(root, 'node_modules', '.bin'), process.env['PATH']].join(':');
  // A runner in a runner reports to it, not to us.
  const { NODE_TEST_CONTEXT, VITEST, ...env } = process.env;
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...env, PATH: path, NO_COLOR: '' } };
    execFile('sh', ['-c', command], options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : Number(error.code);
      const missing = exitCode === 127 || /No module named/.test(stderr);
      resolve(missing ? undefined : { exitCode, stdout, output: `${stdout}\n${stderr}` });
    });
  });
}

describe('a real run of', () => {
  it.for([
    ['node --test node.test.mjs', 3],
    ['node --test --test-reporter=tap node.test.mjs', 3],
    ['vitest run --dir . vi.spec.mjs', 2],
    ['vitest run --dir . --reporter=tap vi.spec.mjs', 2],
    ['vitest run --dir . --reporter=tap-flat vi.spec.mjs', 2],
    ['python3 -m pytest -q test_py.py', 2],
    ['python3 -m pytest test_py.py', 2],
    ['python3 -m unittest -q test_py', 1],
    ['go test -json ./...', 1],
  ] as const)('%s tells that %i tests passed', async ([command, count], { skip }) => {
    const ended = (await run(command)) ?? skip('the runner is not installed');
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(countPassedTests(ended.output)).toBe(count);
    expect(hasNoTests({ command, exitCode: 0, output: ended.stdout })).toBe(false);
  });

  it.for([
    'node --test none-*.test.mjs',
    'node --test --test-reporter=tap none-*.test.mjs',
    'python3 -m pytest -q -k none test_py.py',
    'go test -json -run None ./...',
  ])('%s without tests says so', async (command, { skip }) => {
    const ended = (await run(command)) ?? skip('the runner is not installed');
    expect(hasNoTests({ command, exitCode: ended.exitCode, output: ended.stdout })).toBe(true);
  });
});
