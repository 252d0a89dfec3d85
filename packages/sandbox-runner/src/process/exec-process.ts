import type { Readable } from 'node:stream';
import type { ExecHandle, ExecResult, OutputChunk } from '@agentswarm/core';
import { errnoOf } from '../errors.ts';
import { startProcess, type ProcessRequest } from '../spawn.ts';
import { guardInput } from './guard-input.ts';
import { LineQueue } from './line-queue.ts';
import { OutputCapture } from './output-capture.ts';
import { readExit, type EndCause, type ProcessExit } from './read-exit.ts';
import { ReaderQueue } from './reader-queue.ts';
import { signalProcess } from './signal-process.ts';
import { startTimer } from './start-timer.ts';

const DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;
/** Time between the request to end and the end by force. */
const GRACE_MS = 2_000;
/** How long output is awaited from a process that has ended while something still holds its pipes. */
const DRAIN_MS = 1_000;

type StartedProcess = ReturnType<typeof startProcess>;

export interface ExecOptions {
  readonly process: ProcessRequest;
  readonly timeoutMs?: number;
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
  /** Exit codes above 128 stand for signals, because a wrapper reports them so. */
  readonly wrapped: boolean;
  /** Asks everything that runs under the started process to end. */
  readonly askToEnd: (pid: number) => Promise<void>;
  /** Ends by force what is left of the command once its first process has ended. */
  readonly sweep: () => Promise<void>;
  readonly onProblem: (error: unknown) => void;
}

/** A running command that can be ended from outside. */
export interface ControlledExec extends ExecHandle {
  /** The first process; absent when there is none. */
  readonly pid: number | undefined;
  /** Ends the command, at once when it is for a limit; `result` then says why. */
  end(cause: EndCause): void;
}

/** Starts a command and sees to it that nothing of it outlives `result`. */
export function execProcess(options: ExecOptions): ControlledExec {
  let exec: ControlledExec | undefined;
  const request = guarded(options.process, (error) => {
    options.onProblem(error);
    exec?.end('aborted');
  });
  try {
    exec = attend(startProcess(request), options);
    return exec;
  } catch (error) {
    if (errnoOf(error) !== 'E2BIG') throw error;
    return neverStarted('command line and environment are too long');
  }
}

function neverStarted(why: string): ControlledExec {
  const [lines, output] = [new LineQueue(() => undefined), new ReaderQueue<OutputChunk>(() => undefined)];
  for (const queue of [lines, output]) queue.end();
  const result = Promise.resolve({ reason: 'not_started', stdout: '', stderr: why, durationMs: 0 } as const);
  return { lines, output, pid: undefined, result, end: () => undefined };
}

function attend(child: StartedProcess, options: ExecOptions): ControlledExec {
  const startedAt = performance.now();
  const stdout = new OutputCapture(options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES);
  const stderr = new OutputCapture(options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES);
  let exited = false;
  const lines = new LineQueue(() => child.stdout?.resume());
  const output = new ReaderQueue<OutputChunk>(() => {
    child.stdout?.resume();
    child.stderr?.resume();
  });
  child.stdout?.on('data', (bytes: Uint8Array) => {
    stdout.add(bytes);
    const hasRoom = [lines.add(bytes), output.add({ stream: 'stdout', bytes }, bytes.length)];
    if (hasRoom.includes(false) && !exited) child.stdout?.pause();
  });
  child.stderr?.on('data', (bytes: Uint8Array) => {
    stderr.add(bytes);
    if (!output.add({ stream: 'stderr', bytes }, bytes.length) && !exited) child.stderr?.pause();
  });

  const ending = createEnding(child, options);
  const onAbort = () => ending.end('aborted');
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const { timeoutMs } = options;
  const stopTimer =
    timeoutMs === undefined ? undefined : startTimer(timeoutMs, () => ending.end('timed_out'));

  const finish = async (): Promise<ExecResult> => {
    const exit = await whenExited(child);
    exited = true;
    child.stdout?.resume();
    child.stderr?.resume();
    if (child.pid !== undefined) signalProcess(-child.pid, 'SIGKILL');
    await options.sweep().catch(options.onProblem);
    await whenDrained(child);
    stopTimer?.();
    ending.done();
    options.signal?.removeEventListener('abort', onAbort);
    lines.end();
    output.end();
    return {
      ...readExit(exit, { cause: ending.cause(), wrapped: options.wrapped, stderr: stderr.text() }),
      stdout: stdout.text(),
      stderr: exit.failure ?? stderr.text(),
      durationMs: performance.now() - startedAt,
    };
  };
  return { lines, output, pid: child.pid, result: finish(), end: ending.end };
}

/** A command never takes the part of its input that came for the whole. */
function guarded(request: ProcessRequest, onBroken: (error: unknown) => void): ProcessRequest {
  const { stdin } = request;
  if (stdin === undefined || typeof stdin === 'string') return request;
  return { ...request, stdin: guardInput(stdin, onBroken) };
}

interface Exit extends ProcessExit {
  /** Why there was no process at all. */
  readonly failure?: string;
}

function whenExited(child: StartedProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) =>
      resolve({ exitCode: code ?? undefined, signal: signal ?? undefined }),
    );
    child.once('error', (error) => resolve({ failure: error.message }));
  });
}

/** Waits for the rest of the output, but not for ever for somebody who holds the pipes open. */
async function whenDrained(child: StartedProcess): Promise<void> {
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const drained = Promise.all(streams.map(whenClosed));
  const giveUp = setTimeout(() => streams.forEach((stream) => stream.destroy()), DRAIN_MS);
  await drained;
  clearTimeout(giveUp);
}

async function whenClosed(stream: Readable): Promise<void> {
  if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
}

function createEnding(child: StartedProcess, options: ExecOptions) {
  let cause: EndCause | undefined;
  let force: NodeJS.Timeout | undefined;
  return {
    cause: () => cause,
    done: () => clearTimeout(force),
    end: (why: EndCause) => {
      const pid = child.pid;
      if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      if (typeof why !== 'string') {
        cause ??= why;
        signalProcess(-pid, 'SIGKILL');
        return;
      }
      if (cause !== undefined) return;
      cause = why;
      force = setTimeout(() => signalProcess(-pid, 'SIGKILL'), GRACE_MS);
      options.askToEnd(pid).catch((error: unknown) => {
        if (errnoOf(error) !== 'ESRCH') options.onProblem(error);
        signalProcess(-pid, 'SIGKILL');
      });
    },
  };
}
