import { spawn } from 'node:child_process';
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
export function spawnGit(request: SpawnRequest): Promise<SpawnResult> {
  const startedAt = performance.now();
  const command = ['git', ...request.args.map(displayRemote)];
  return new Promise((resolve, reject) => {
    if (request.signal?.aborted) {
      const failure = { command, stderrTail: '', durationMs: 0 };
      reject(processError('GIT_ABORTED', 'git was not started: aborted', failure, request.signal.reason));
      return;
    }
    const child = spawn('git', request.args, {
      ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
      env: { ...request.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const stdout = new OutputBuffer(request.maxOutputBytes);
    const stderr = new TailBuffer(STDERR_TAIL_BYTES);
    let ended: { code: GitErrorCode; why: string; cause?: unknown } | undefined;
    let killTimer: NodeJS.Timeout | undefined;

    const end = (code: GitErrorCode, why: string, cause?: unknown) => {
      if (ended !== undefined) return;
      ended = { code, why, cause };
      signalGroup(child.pid, 'SIGTERM');
      killTimer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), KILL_GRACE_MS);
    };
    const onAbort = () => end('GIT_ABORTED', 'was aborted', request.signal?.reason);
    const timer = setTimeout(
      () => end('GIT_TIMED_OUT', `took longer than ${request.timeoutMs} ms`),
      request.timeoutMs,
    );
    request.signal?.addEventListener('abort', onAbort, { once: true });
    const release = () => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      request.signal?.removeEventListener('abort', onAbort);
    };
    const failure = (exitCode: number | null, signal: string | null) => ({
      command,
      ...(exitCode === null ? {} : { exitCode }),
      ...(signal === null ? {} : { signal }),
      stderrTail: displayRemote(stderr.text()),
      durationMs: Math.round(performance.now() - startedAt),
    });

    child.stdout.on('data', (chunk: Buffer) => {
      if (!stdout.add(chunk)) end('GIT_OUTPUT_TOO_LARGE', `wrote more than ${request.maxOutputBytes} bytes`);
    });
    child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
    // A process that exits without reading its input is judged by its exit code.
    child.stdin.on('error', (error) => stderr.add(Buffer.from(`stdin: ${error.message}\n`)));
    child.stdin.end(request.stdin);
    child.on('error', (error) => {
      release();
      const code = 'code' in error && error.code === 'ENOENT' ? 'GIT_NOT_FOUND' : 'GIT_FAILED';
      reject(processError(code, `git could not be started: ${error.message}`, failure(null, null), error));
    });
    child.on('close', (exitCode, signal) => {
      release();
      const facts = failure(exitCode, signal);
      const name = `git ${subcommandOf(request.args)}`;
      if (ended !== undefined) reject(processError(ended.code, `${name} ${ended.why}`, facts, ended.cause));
      else if (exitCode === null) reject(processError('GIT_FAILED', `${name} was ended by ${signal}`, facts));
      else {
        const { stderrTail, durationMs } = facts;
        resolve({ exitCode, stdout: stdout.bytes(), stderrTail, durationMs });
      }
    });
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
