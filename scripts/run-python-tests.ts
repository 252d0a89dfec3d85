import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from './checks/run-tool.ts';
import { pythonSide } from './python-side.ts';
import { EMPTY_TALLY, requireTests } from './tally.ts';
import type { Tally } from './tally.ts';
import { createTallyFile, TALLY_FILE_VARIABLE } from './tally-file.ts';

const PART = 'infra (pytest)';

/** Runs the tests of `infra/`, their output coming at their end; where Python cannot be set up they are one skip. */
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
  /** Whether its output is written to this process's, whole, once it has ended. Default true. */
  readonly tell?: boolean;
}

/** Runs the tests in a folder and returns their tally. */
export async function runPytest(
  folder: string,
  python: string,
  { deep = false, tell = true }: PytestOptions = {},
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
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => output.push(part));
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (tell) process.stdout.write(Buffer.concat(output));
  return await file.read();
}
