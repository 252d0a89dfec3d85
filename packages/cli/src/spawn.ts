import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { guardGroup, signalGroup } from './process-groups.ts';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Default 30 000; the process is killed then. */
  readonly timeoutMs?: number;
}

/** How a command ended; a program that does not exist is an outcome, not an exception. */
export type CommandResult =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'not_started'; readonly problem: string };

/** Runs a program with arguments (no shell) to its end. stdin is empty, so it can never ask for a password. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { timeoutMs = 30_000, cwd, env, signal } = options;
  return new Promise((resolve) => {
    const child = execFile(
      file,
      [...args],
      {
        timeout: timeoutMs,
        maxBuffer: 16 * 1024 * 1024,
        ...(cwd === undefined ? {} : { cwd }),
        ...(env === undefined ? {} : { env: { ...env } }),
        ...(signal === undefined ? {} : { signal }),
      },
      (error, stdout, stderr) => {
        if (error === null) resolve({ kind: 'exited', exitCode: 0, stdout, stderr });
        else if (typeof error.code === 'number') {
          resolve({ kind: 'exited', exitCode: error.code, stdout, stderr });
        } else {
          resolve({ kind: 'not_started', problem: error.killed ? 'did not end in time' : error.message });
        }
      },
    );
    child.stdin?.end();
  });
}

export interface VisibleOptions extends Pick<StartOptions, 'cwd' | 'env'> {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Aborted, it gets a Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Runs a program with arguments (no shell) to its end: its output goes where ours goes, and it may ask the person. */
export function runVisibly(
  file: string,
  args: readonly string[],
  { cwd, env, stdout, stderr, signal }: VisibleOptions,
): Promise<ProcessEnd> {
  const child = spawn(file, [...args], {
    cwd,
    env: { ...env },
    detached: true,
    stdio: ['inherit', 'pipe', 'pipe'],
  });
  child.stdout.pipe(stdout, { end: false });
  child.stderr.pipe(stderr, { end: false });
  const { pid } = child;
  const release = pid === undefined ? () => undefined : guardGroup(pid);
  const interrupt = () => pid !== undefined && signalGroup(pid, 'SIGINT');
  signal.addEventListener('abort', interrupt, { once: true });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not_started', problem: error.message }));
    child.once('close', (exitCode, signalName) => {
      signal.removeEventListener('abort', interrupt);
      release();
      resolve({ kind: 'exited', exitCode, signal: signalName });
    });
  });
}

/** A program that works until its standard input ends, and says in one line that it is ready. */
export interface HeldProcess {
  /** Undefined when it ended before. */
  readonly firstLine: Promise<string | undefined>;
  readonly ended: Promise<ProcessEnd>;
  /** The end of what it printed on stderr. */
  readonly complaint: () => string;
  readonly endInput: () => void;
  /** Signals it and what it started; does nothing once it has ended. */
  readonly signal: (name: NodeJS.Signals) => void;
}

const MAX_COMPLAINT_CHARACTERS = 8192;

/**
 * Starts a program with arguments (no shell), in a group of its own: a Ctrl-C is not for it. However this process
 * ends, its input ends with it.
 */
export function holdProcess(
  file: string,
  args: readonly string[],
  { cwd, env }: Pick<StartOptions, 'cwd' | 'env'>,
): HeldProcess {
  const child = spawn(file, [...args], { cwd, env: { ...env }, detached: true, stdio: 'pipe' });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MAX_COMPLAINT_CHARACTERS);
  });
  // It may be gone: how it ended tells more than a broken pipe.
  child.stdin.on('error', () => child.stdin.destroy());
  let isRunning = child.pid !== undefined;
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not_started', problem: error.message }));
    child.once('close', (exitCode, signal) => {
      isRunning = false;
      resolve({ kind: 'exited', exitCode, signal });
    });
  });
  const { promise: firstLine, resolve: hear } = Promise.withResolvers<string | undefined>();
  createInterface({ input: child.stdout }).once('line', hear);
  void ended.then(() => hear(undefined));
  return {
    firstLine,
    ended,
    complaint: () => complaint,
    endInput: () => child.stdin.end(),
    signal(name) {
      if (isRunning && child.pid !== undefined) signalGroup(child.pid, name);
    },
  };
}

export interface StartOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** File that gets what it prints; made if missing, readable by this person only. */
  readonly outputPath: string;
}

/** How a program that was started ended, or why it never ran. */
export type ProcessEnd =
  | { readonly kind: 'exited'; readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly kind: 'not_started'; readonly problem: string };

/** A program at work, with everything it started itself. */
export interface StartedProcess {
  readonly ended: Promise<ProcessEnd>;
  /** Signals it and what it started; does nothing once it has ended. */
  readonly signal: (name: NodeJS.Signals) => void;
}

/**
 * Starts a program with arguments (no shell) that is meant to keep running. It leads a process group of its own, which
 * is killed when its leader ends, and when this process does.
 */
export function startProcess(file: string, args: readonly string[], options: StartOptions): StartedProcess {
  const { cwd, env, outputPath } = options;
  const output = openSync(outputPath, 'a', 0o600);
  try {
    const child = spawn(file, [...args], {
      cwd,
      env: { ...env },
      detached: true,
      stdio: ['ignore', output, output],
    });
    const { pid } = child;
    const release = pid === undefined ? () => undefined : guardGroup(pid);
    let isRunning = pid !== undefined;
    const ended = new Promise<ProcessEnd>((resolve) => {
      child.once('error', (error) => resolve({ kind: 'not_started', problem: error.message }));
      child.once('exit', (exitCode, signal) => {
        isRunning = false;
        release();
        resolve({ kind: 'exited', exitCode, signal });
      });
    });
    return {
      ended,
      signal(name) {
        if (isRunning && pid !== undefined) signalGroup(pid, name);
      },
    };
  } finally {
    closeSync(output);
  }
}
