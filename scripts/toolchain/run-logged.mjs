import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { BootstrapError } from './bootstrap-error.mjs';

const TAIL_LINES = 15;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs an installer whose words go to a log file, and returns how it ended with its last lines.
 * It is ended with this process; an interrupted installation throws.
 */
export async function runLogged(command, { cwd, env, logPath, onLine = () => {} }) {
  const [file, ...args] = command;
  const signals = catchSignals();
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(logPath);
  const tail = [];
  const keep = (line) => {
    log.write(`${line}\n`);
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    onLine(line);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', keep);
  const { code, signal } = await ending(child, { signals, file });
  log.end();
  const { stoppedBy } = signals;
  if (stoppedBy)
    throw new BootstrapError(
      `installation interrupted; run the command again to finish it`,
      128 + constants.signals[stoppedBy],
    );
  return { code, signal, tail };
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

function ending(child, { signals, file }) {
  signals.onCaught = (signal) => child.kill(signal);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new BootstrapError(`could not start ${file} (${error.code})`)));
    child.once('close', (code, signal) => resolve({ code, signal }));
  }).finally(signals.release);
}
