import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { BootstrapError } from './bootstrap-error.mjs';
import { reportProgress } from './report-progress.mjs';

const TAIL_LINES = 15;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Runs `pnpm install --frozen-lockfile` through npx; all it says goes to a log file, its progress to stderr. */
export async function runInstaller({ root, env, pnpm }) {
  const [file, ...prefix] = npx(env);
  const args = [...prefix, '-y', `pnpm@${pnpm}`, 'install', '--frozen-lockfile', '--reporter=append-only'];
  const signals = catchSignals();
  const child = spawn(file, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const logPath = join(root, '.cache', 'install.log');
  const log = createWriteStream(logPath);
  const tail = [];
  const progress = reportProgress(process.stderr);
  const onLine = (line) => {
    log.write(`${line}\n`);
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    progress.line(line);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
  const { code, signal } = await ending(child, signals);
  const { stoppedBy } = signals;
  progress.end();
  log.end();
  if (stoppedBy)
    throw new BootstrapError(
      `installation interrupted; run the command again to finish it`,
      128 + constants.signals[stoppedBy],
    );
  if (code !== 0) throw new BootstrapError(failureMessage({ code, signal, tail, logPath }));
}

/** npm tells its own path to the scripts it runs; without npm the `npx` on PATH is used. */
function npx(env) {
  const npm = env.npm_execpath;
  if (npm !== undefined && basename(npm) === 'npm-cli.js')
    return [process.execPath, join(dirname(npm), 'npx-cli.js')];
  return ['npx'];
}

/** Listens before the installer exists, so that no signal falls in between and leaves it behind. */
function catchSignals() {
  const caught = { stoppedBy: undefined, onCaught: () => {}, release };
  const onSignal = (signal) => {
    caught.stoppedBy = signal;
    caught.onCaught(signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  function release() {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
  return caught;
}

function ending(child, signals) {
  signals.onCaught = (signal) => child.kill(signal);
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new BootstrapError(`could not start npx (${error.code}); is npm installed?`)),
    );
    child.once('close', (code, signal) => resolve({ code, signal }));
  }).finally(signals.release);
}

function failureMessage({ code, signal, tail, logPath }) {
  const ending = signal === null ? `exit code ${code}` : `signal ${signal}`;
  return [
    `installing the toolchain failed (${ending}). Its last lines:`,
    ...tail.map((line) => `  ${line}`),
    `Everything it said is in ${logPath}. The next run tries again.`,
  ].join('\n');
}
