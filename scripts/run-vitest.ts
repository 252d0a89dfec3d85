import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { EMPTY_TALLY, requireTests } from './tally.ts';
import type { Tally } from './tally.ts';
import { TALLY_FILE_VARIABLE } from './tally-reporter.ts';

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
  const folder = await mkdtemp(join(tmpdir(), 'agentswarm-tally-'));
  try {
    const file = join(folder, 'tally.json');
    const env = {
      ...process.env,
      [TALLY_FILE_VARIABLE]: file,
      ...(deep ? { TEST_DEEP: '1' } : {}),
      ...(programs === undefined ? {} : { PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` }),
    };
    const exitCode = await run(root, only, env);
    return withExitCode(requireTests(await readTally(file), 'vitest'), exitCode);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function run(root: string, only: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const args = [VITEST, 'run', ...only, '--reporter=default', `--reporter=${REPORTER}`];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 128));
  });
}

async function readTally(file: string): Promise<Tally> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Tally;
  } catch (error) {
    return { ...EMPTY_TALLY, failures: [`vitest left no result: ${String(error)}`] };
  }
}

/** vitest can fail for reasons no test shows, such as a broken configuration. */
function withExitCode(tally: Tally, exitCode: number): Tally {
  if (exitCode === 0 || tally.failures.length > 0) return tally;
  return { ...tally, failures: [`vitest ended with exit code ${exitCode}`] };
}
