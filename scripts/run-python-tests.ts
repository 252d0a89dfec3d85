import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './checks/run-tool.ts';
import { EMPTY_TALLY, requireTests } from './tally.ts';
import type { Tally } from './tally.ts';

const PYTHON = 'python3';

/** Runs the unit tests below `infra/`; without Python they count as one skip. No such test, no part of the run. */
export async function runPythonTests(root: string): Promise<Tally> {
  if (!hasTests(join(root, 'infra'))) return EMPTY_TALLY;
  if (!(await hasPython(root))) {
    return { ...EMPTY_TALLY, skips: [{ test: 'infra (Python)', reason: `${PYTHON} is not installed` }] };
  }
  const command = [PYTHON, '-m', 'unittest', 'discover', '-s', 'infra', '-p', 'test_*.py'];
  const { exitCode, output } = await runTool(command, { cwd: root });
  process.stdout.write(output);
  return requireTests(parseUnittest(output, exitCode), 'infra (Python)');
}

/** Reads the two closing lines of Python's unittest: `Ran 5 tests in 0.1s` and `FAILED (failures=1, skipped=2)`. */
export function parseUnittest(output: string, exitCode: number): Tally {
  const total = Number(/^Ran (\d+) tests?/m.exec(output)?.[1] ?? 0);
  const count = (what: string) => Number(new RegExp(`\\b${what}=(\\d+)`).exec(output)?.[1] ?? 0);
  const failed = Math.max(count('failures') + count('errors'), exitCode === 0 ? 0 : 1);
  const skipped = count('skipped');
  return {
    passed: Math.max(0, total - failed - skipped),
    failures: Array.from({ length: failed }, () => 'infra (Python): see its output above'),
    skips: Array.from({ length: skipped }, () => ({
      test: 'infra (Python)',
      reason: 'see its output above',
    })),
  };
}

function hasTests(folder: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((file) =>
    /(^|[\\/])test_\w+\.py$/.test(file),
  );
}

async function hasPython(root: string): Promise<boolean> {
  const result = await runTool([PYTHON, '--version'], { cwd: root }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { exitCode: 127 };
    throw error;
  });
  return result.exitCode === 0;
}
