import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import type { CliContext } from '../src/context.ts';
import { runCli } from '../src/run-cli.ts';

export interface Captured {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Capture extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export interface CapturedRun {
  readonly signals: EventEmitter;
  /** What it has printed so far. */
  readonly output: () => string;
  readonly result: Promise<Captured>;
}

/** Starts the command line in this process with captured streams and signals of its own. */
export function startCaptured(argv: readonly string[], overrides: Partial<CliContext>): CapturedRun {
  const [stdout, stderr, signals] = [new Capture(), new Capture(), new EventEmitter()];
  const context = { env: { PATH: process.env['PATH'] }, stdout, stderr, signals, exit() {}, ...overrides };
  const result = runCli(argv, { outputClosed: new AbortController().signal, ...context }).then((code) => ({
    code,
    stdout: stdout.text,
    stderr: stderr.text,
  }));
  return { signals, output: () => stdout.text, result };
}

/** Runs the command line in this process and returns what it printed. */
export function runCaptured(argv: readonly string[], overrides: Partial<CliContext>): Promise<Captured> {
  return startCaptured(argv, overrides).result;
}
