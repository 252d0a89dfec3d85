import { join } from 'node:path';
import type { Check, CheckResult } from './check.ts';
import { repositoryRoot, runTool } from './run-tool.ts';

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
  // With types, the whole repository takes more than the 4 GB that Node gives by itself.
  run: (root) =>
    check(root, ['eslint', '--config', LINT_CONFIG, '--max-warnings', '0', '.'], {
      NODE_OPTIONS: '--max-old-space-size=8192',
    }),
};

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

async function check(
  root: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CheckResult> {
  const { exitCode, output } = await runTool(command, { cwd: root, env });
  return { ok: exitCode === 0, report: output };
}
