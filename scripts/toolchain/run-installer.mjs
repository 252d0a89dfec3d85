import { basename, dirname, join } from 'node:path';
import { BootstrapError } from './bootstrap-error.mjs';
import { reportProgress } from './report-progress.mjs';
import { runLogged } from './run-logged.mjs';

/** Runs `pnpm install --frozen-lockfile` through npx; all it says goes to a log file, its progress to stderr. */
export async function runInstaller({ root, env, pnpm }) {
  const options = ['install', '--frozen-lockfile', '--reporter=append-only'];
  const logPath = join(root, '.cache', 'install.log');
  const progress = reportProgress(process.stderr);
  const ended = await runLogged([...npx(env), '-y', `pnpm@${pnpm}`, ...options], {
    cwd: root,
    env,
    logPath,
    onLine: progress.line,
  }).finally(progress.end);
  if (ended.code !== 0) throw new BootstrapError(failureMessage({ ...ended, logPath }));
}

/** npm tells its own path to the scripts it runs; without npm the `npx` on PATH is used. */
function npx(env) {
  const npm = env.npm_execpath;
  if (npm !== undefined && basename(npm) === 'npm-cli.js')
    return [process.execPath, join(dirname(npm), 'npx-cli.js')];
  return ['npx'];
}

function failureMessage({ code, signal, tail, logPath }) {
  const ending = signal === null ? `exit code ${code}` : `signal ${signal}`;
  return [
    `installing the toolchain failed (${ending}). Its last lines:`,
    ...tail.map((line) => `  ${line}`),
    `Everything it said is in ${logPath}. The next run tries again.`,
  ].join('\n');
}
