import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from './checks/run-tool.ts';
import { pythonSide } from './python-side.ts';
import { EMPTY_TALLY, requireTests } from './tally.ts';
import type { Tally } from './tally.ts';
import { createTallyFile, TALLY_FILE_VARIABLE } from './tally-file.ts';

const PART = 'infra (pytest)';

/** Runs the tests of `infra/`, their output going to this process's; where Python cannot be set up they are one skip. */
export async function runPythonTests(root: string, { deep }: { readonly deep: boolean }): Promise<Tally> {
  const side = await pythonSide(root);
  if (side.status === 'unavailable') {
    return { ...EMPTY_TALLY, skips: [{ test: PART, reason: side.reason }] };
  }
  return requireTests(await runPytest(join(root, 'infra'), side.python, { deep }), PART);
}

export interface PytestOptions {
  /** Larger counts. Default false. */
  readonly deep?: boolean;
  /** Where its output goes: to this process's, or nowhere. Default `inherit`. */
  readonly output?: 'inherit' | 'ignore';
}

/** Runs the tests in a folder and returns their tally. */
export async function runPytest(
  folder: string,
  python: string,
  { deep = false, output = 'inherit' }: PytestOptions = {},
): Promise<Tally> {
  await using file = await createTallyFile('pytest');
  const args = [
    '-m',
    'pytest',
    '--quiet',
    '-p',
    'pytest_tally',
    '-p',
    'no:cacheprovider',
    '--continue-on-collection-errors',
  ];
  const child = spawn(python, args, {
    cwd: folder,
    env: {
      ...process.env,
      PYTHONPATH: join(repositoryRoot, 'scripts'),
      [TALLY_FILE_VARIABLE]: file.path,
      ...(deep ? { TEST_DEEP: '1' } : {}),
    },
    stdio: ['ignore', output, output],
  });
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return await file.read();
}
