import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { requireTests } from './tally.ts';
import type { Tally } from './tally.ts';
import { createTallyFile, TALLY_FILE_VARIABLE } from './tally-file.ts';

const VITEST = 'node_modules/vitest/vitest.mjs';
const REPORTER = './scripts/tally-reporter.ts';

export interface VitestOptions {
  /** Larger counts. */
  readonly deep: boolean;
  /** Only tests whose path has one of these in it. Default all. */
  readonly only?: readonly string[];
  /** Searched for programs before PATH. */
  readonly programs?: string;
}

/** Runs vitest tests, their output going to this process's, and returns the tally. */
export async function runVitest(root: string, { deep, only = [], programs }: VitestOptions): Promise<Tally> {
  await using file = await createTallyFile('vitest');
  const env = {
    ...process.env,
    [TALLY_FILE_VARIABLE]: file.path,
    ...(deep ? { TEST_DEEP: '1' } : {}),
    ...(programs === undefined ? {} : { PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` }),
  };
  const exitCode = await run(root, only, env);
  return withExitCode(requireTests(await file.read(), 'vitest'), exitCode);
}

function run(root: string, only: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const args = [VITEST, 'run', ...only, '--reporter=default', `--reporter=${REPORTER}`];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 128));
  });
}

/** vitest can fail for reasons no test shows, such as a broken configuration. */
function withExitCode(tally: Tally, exitCode: number): Tally {
  if (exitCode === 0 || tally.failures.length > 0) return tally;
  return { ...tally, failures: [`vitest ended with exit code ${exitCode}`] };
}
