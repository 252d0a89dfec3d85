import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './check.ts';
import { runTool } from './run-tool.ts';

/** Every package builds. Turbo starts package scripts with pnpm, so pnpm has to be there: npx brings it. */
export const buildCheck: Check = {
  name: 'build',
  title: 'Build (turbo, tsup)',
  async run(root) {
    const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      packageManager: string;
    };
    const turbo = ['turbo', 'run', 'build', '--output-logs=errors-only', '--ui=stream', '--concurrency=2'];
    const command = ['npx', '-y', packageManager, 'exec', ...turbo];
    const { exitCode, output } = await runTool(command, {
      cwd: root,
      env: { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
    });
    return { ok: exitCode === 0, report: output };
  },
};
