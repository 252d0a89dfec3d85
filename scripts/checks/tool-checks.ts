import { join } from 'node:path';
import type { Check, CheckResult } from './check.ts';
import { repositoryRoot, runTool } from './run-tool.ts';
import { listTrackedPaths } from './tracked-files.ts';

const LINT_CONFIG = join(repositoryRoot, 'eslint.config.js');
const FORMAT_CONFIG = join(repositoryRoot, '.prettierrc.json');

/** Every file is as prettier writes it. */
export const formatCheck: Check = {
  name: 'format',
  title: 'Formatting (prettier)',
  run: (root) => check(root, ['prettier', '--check', '--config', FORMAT_CONFIG, '.']),
};

/** The rules of eslint.config.js, with type information. */
export const lintCheck: Check = {
  name: 'lint',
  title: 'Lint (eslint, type-aware)',
  async run(root) {
    const sources = (await listTrackedPaths(root)).filter((path) => /\.[cm]?[jt]s$/.test(path));
    const reports: string[] = [];
    for (let first = 0; first < sources.length; first += LINTED_AT_ONCE) {
      const { ok, report } = await lint(root, sources.slice(first, first + LINTED_AT_ONCE));
      if (!ok) reports.push(report);
    }
    return { ok: reports.length === 0, report: reports.join('\n') };
  },
};

/** What type information takes grows with the files one process looks at: these stay below 3 GB. */
const LINTED_AT_ONCE = 500;

function lint(root: string, paths: readonly string[]): Promise<CheckResult> {
  const options = ['--config', LINT_CONFIG, '--max-warnings', '0', '--no-warn-ignored'];
  return check(root, ['eslint', ...options, '--', ...paths]);
}

/** The compiler accepts every source, test and script. */
export const typesCheck: Check = {
  name: 'types',
  title: 'Types (tsc)',
  run: (root) => check(root, ['tsc', '-p', 'tsconfig.json']),
};

/** No file, export or dependency that nothing uses. */
export const unusedCheck: Check = {
  name: 'unused',
  title: 'Unused files, exports and dependencies (knip)',
  run: (root) => check(root, ['knip', '--no-progress', '--no-config-hints']),
};

async function check(root: string, command: readonly string[]): Promise<CheckResult> {
  const { exitCode, output } = await runTool(command, { cwd: root });
  return { ok: exitCode === 0, report: output };
}
