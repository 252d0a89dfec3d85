import { spawn, type ChildProcess } from 'node:child_process';
import { processError, type GitErrorCode } from './errors.ts';
import { displayRemote } from './remote-url.ts';
import { OutputBuffer, TailBuffer } from './output-buffer.ts';

export interface SpawnRequest {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal;
}

export interface SpawnResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderrTail: string;
  readonly durationMs: number;
}

const STDERR_TAIL_BYTES = 4096;
const KILL_GRACE_MS = 2000;

/**
 * The environment git may inherit: everything but `GIT_*` and the programs git would start to ask or
 * show something. This is the only place that reads it, and only in order to take things away.
 */
export function inheritedEnvironment(): Record<string, string> {
  const dropped = /^(GIT_.*|EDITOR|VISUAL|PAGER|PREFIX|SSH_ASKPASS|LC_.*|LANG|LANGUAGE)$/i;
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !dropped.test(entry[0]),
    ),
  );
}

/**
 * Runs git once. Resolves for every exit code.
 * The process leads a group of its own: timeout and abort end all it started, and a Ctrl-C in the
 * caller's terminal does not cut a push in two.
 */
export async function spawnGit(request: SpawnRequest): Promise<SpawnResult> {
  const startedAt = performance.now();
  const stderr = new TailBuffer(STDERR_TAIL_BYTES);
  const facts = () => ({
    command: ['git', ...request.args.map(displayRemote)],
    stderrTail: displayRemote(stderr.text()),
    durationMs: Math.round(performance.now() - startedAt),
  });
  const name = `git ${subcommandOf(request.args)}`;
  if (request.signal?.aborted === true) {
    throw processError('GIT_ABORTED', `${name} was not started`, {
      ...facts(),
      cause: request.signal.reason,
    });
  }
  const child = spawn('git', request.args, {
    ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
    env: { ...request.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const stdout = new OutputBuffer(request.maxOutputBytes);
  using guard = guardProcess(child, request);
  child.stdout.on('data', (chunk: Buffer) => {
    if (!stdout.add(chunk))
      guard.end('GIT_OUTPUT_TOO_LARGE', `wrote more than ${request.maxOutputBytes} bytes`);
  });
  child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  // A process that exits without reading its input is judged by its exit code.
  child.stdin.on('error', (error) => stderr.add(Buffer.from(`stdin: ${error.message}\n`)));
  child.stdin.end(request.stdin);
  const { exitCode, signal, error } = await closed(child);
  if (error !== undefined) {
    const code = 'code' in error && error.code === 'ENOENT' ? 'GIT_NOT_FOUND' : 'GIT_FAILED';
    throw processError(code, `${name} could not be started: ${error.message}`, { ...facts(), cause: error });
  }
  const how = {
    ...facts(),
    ...(exitCode === null ? {} : { exitCode }),
    ...(signal === null ? {} : { signal }),
  };
  const { ended } = guard;
  if (ended !== undefined)
    throw processError(ended.code, `${name} ${ended.why}`, { ...how, cause: ended.cause });
  if (exitCode === null) throw processError('GIT_FAILED', `${name} was ended by ${signal}`, how);
  return { exitCode, stdout: stdout.bytes(), stderrTail: how.stderrTail, durationMs: how.durationMs };
}

/** A git process that is asked over a pipe for as long as it lives. */
export interface RunningGit extends AsyncDisposable {
  /** Resolves with how it ended; never rejects. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stderrTail: string }>;
  write(input: string | Uint8Array): void;
}

export interface StartRequest {
  /** `git`, or a program that runs the git its arguments name. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly onOutput: (chunk: Buffer) => void;
}

/**
 * Starts a process that stays. It leads a group of its own; disposing closes its input, and ends the
 * group when that does not end it.
 */
export function startGit({ command: [program, ...args], env, onOutput }: StartRequest): RunningGit {
  const stderr = new TailBuffer(STDERR_TAIL_BYTES);
  const child = spawn(program, args, { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  child.stdout.on('data', onOutput);
  child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  // A process that exits without reading its input is judged by its end.
  child.stdin.on('error', (error) => stderr.add(Buffer.from(`stdin: ${error.message}\n`)));
  const ended = closed(child).then(({ exitCode, error }) => {
    if (error !== undefined) stderr.add(Buffer.from(error.message));
    return { exitCode, stderrTail: displayRemote(stderr.text()) };
  });
  return {
    ended,
    write: (input) => void child.stdin.write(input),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), KILL_GRACE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

interface ProcessGuard extends Disposable {
  /** Why the process was ended, when it was. */
  readonly ended: { readonly code: GitErrorCode; readonly why: string; readonly cause?: unknown } | undefined;
  end(code: GitErrorCode, why: string, cause?: unknown): void;
}

/** Ends the process group on timeout, abort or demand: asked first, then forced. */
function guardProcess(child: ChildProcess, { timeoutMs, signal }: SpawnRequest): ProcessGuard {
  let ended: ProcessGuard['ended'];
  let killTimer: NodeJS.Timeout | undefined;
  const end: ProcessGuard['end'] = (code, why, cause) => {
    if (ended !== undefined) return;
    ended = { code, why, cause };
    signalGroup(child.pid, 'SIGTERM');
    killTimer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), KILL_GRACE_MS);
  };
  const onAbort = () => end('GIT_ABORTED', 'was aborted', signal?.reason);
  const timer = setTimeout(() => end('GIT_TIMED_OUT', `took longer than ${timeoutMs} ms`), timeoutMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    get ended() {
      return ended;
    },
    end,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

function closed(child: ChildProcess): Promise<{
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly error?: Error;
}> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ exitCode: null, signal: null, error }));
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

/** The subcommand in an argument list: the first argument that is no global option. */
export function subcommandOf(args: readonly string[]): string {
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '-c' || arg === '-C') index += 1;
    else if (!arg.startsWith('-')) return arg;
  }
  return '';
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // The group is gone already: that is the goal.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
