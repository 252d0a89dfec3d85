import { spawn } from 'node:child_process';

/** npm passes a Ctrl-C on that the terminal already delivered; two this close are one. */
const SAME_SIGNAL_MS = 500;

/**
 * Runs the command in this process's place: same stdio, its exit code, its signals.
 * A terminal sends Ctrl-C to the child itself, so it is passed on only when there is no terminal.
 */
export function runCommand(node, args, env) {
  const onTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  const lastAtMs = new Map();
  const passOn = (signal) => {
    const nowMs = Date.now();
    const isRepeat = nowMs - (lastAtMs.get(signal) ?? -Infinity) < SAME_SIGNAL_MS;
    lastAtMs.set(signal, nowMs);
    if (!isRepeat) child.kill(signal);
  };
  const handlers = { SIGINT: onTerminal ? () => {} : passOn, SIGTERM: passOn, SIGHUP: passOn };
  // Before the child exists, so that no signal falls in between and leaves it behind.
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  const child = spawn(node, args, { env, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const [name, handler] of Object.entries(handlers)) process.off(name, handler);
      if (signal === null) process.exitCode = code;
      else process.kill(process.pid, signal);
      resolve();
    });
  });
}
