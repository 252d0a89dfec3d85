import { isSwarmError, type ExecHandle, type ExecResult, type SandboxLimits } from '@agentswarm/core';
import { planProcessLimits } from '../../limits/process-limits.ts';
import { EXEC_VARIABLE } from '../../process/process-table.ts';
import { startTimer } from '../../process/start-timer.ts';
import type { MethodParams } from '../protocol/messages.ts';
import { isSandboxGone } from '../shim/explain-failure.ts';
import type { ShimConnection } from '../shim/shim-connection.ts';
import { readEnd, type LastEvent, type RemoteEndCause } from './read-end.ts';
import { FIRST_CREDIT_BYTES, RemoteOutput } from './remote-output.ts';
import { sendInput } from './send-input.ts';

const DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;
/** Time between the request to end and the end by force. */
const GRACE_MS = 2_000;
/** No sandbox lives longer. */
const LONGEST_MS = 24 * 3_600_000;
/** How much later than we the cloud ends a command, should we be gone. */
const OVERTIME_MS = 60_000;
/** What the cloud takes as one command line. */
const MAX_COMMAND_BYTES = 60_000;

export interface RemoteExecOptions {
  readonly connection: ShimConnection;
  readonly sandboxId: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** All that it sees, besides a PATH. What carries its {@link EXEC_VARIABLE} ends with the command. */
  readonly env: Readonly<Record<string, string>>;
  /** Kept by the kernel for each process. */
  readonly limits?: Pick<SandboxLimits, 'fileMb' | 'cpuSeconds'>;
  readonly stdin?: string | AsyncIterable<Uint8Array>;
  readonly timeoutMs?: number;
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
  /** Hears what is no result: input that broke off, a signal that could not be sent. */
  readonly onProblem: (error: unknown) => void;
  /** Hears that the last of the input is on its way. */
  readonly onInputSent?: () => void;
}

/** Starts a command in a remote sandbox. It may have started also where `result` is `lost`. */
export function execRemote(options: RemoteExecOptions): ExecHandle {
  const { connection, maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES } = options;
  let streamId: string | undefined;
  const output = new RemoteOutput(maxOutputBytes, (bytes) => {
    if (streamId !== undefined) connection.tell('credit', { streamId, bytes });
  });
  const run = async (): Promise<ExecResult> => {
    const startedAt = performance.now();
    const finish = (end: Pick<ExecResult, 'reason' | 'exitCode' | 'signalName'>, stderr?: string) => {
      output.end();
      const texts = output.texts();
      return { ...end, ...texts, stderr: stderr ?? texts.stderr, durationMs: performance.now() - startedAt };
    };
    if (options.signal?.aborted) return finish({ reason: 'aborted' });
    if (commandBytes(options) > MAX_COMMAND_BYTES) {
      return finish({ reason: 'not_started' }, 'command line is too long');
    }
    const last = Promise.withResolvers<LastEvent>();
    try {
      await connection.call('exec.start', startParams(options), {
        onResult: ({ execId }) => {
          streamId = execId;
          connection.listen(execId, (event) => {
            if (event.kind !== 'data') last.resolve(event);
            else if (event.stream !== 'file') output.add({ stream: event.stream, bytes: event.bytes });
          });
        },
      });
    } catch (error) {
      if (isSandboxGone(error)) return finish({ reason: 'aborted' });
      if (!isSwarmError(error) || !error.traits.retryable) throw error;
      options.onProblem(error);
      return finish({ reason: 'lost' });
    }
    const started = { execId: streamId ?? '', last: last.promise, onEnding: () => output.ending() };
    return finish(await attend(started, options));
  };
  const result = run().finally(() => output.end());
  return { lines: output.lines, output: output.output, result };
}

interface StartedCommand {
  readonly execId: string;
  readonly last: Promise<LastEvent>;
  /** Hears that it is asked to end. */
  readonly onEnding: () => void;
}

/** Feeds a command that has started, and ends it when asked to; gives how it ended. */
async function attend({ execId, last, onEnding }: StartedCommand, options: RemoteExecOptions) {
  const { connection, stdin, timeoutMs, signal, onProblem } = options;
  const over = new AbortController();
  let cause: RemoteEndCause | undefined;
  let stopForce: (() => void) | undefined;
  const send = (name: 'TERM' | 'KILL') => {
    connection.call('exec.signal', { execId, signal: name }).catch((error: unknown) => {
      if (!over.signal.aborted) onProblem(error);
    });
  };
  const end = (why: RemoteEndCause) => {
    if (cause !== undefined || over.signal.aborted) return;
    cause = why;
    onEnding();
    send('TERM');
    stopForce = startTimer(GRACE_MS, () => send('KILL'));
  };
  const onAbort = () => end('aborted');
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const stopTimer = timeoutMs === undefined ? undefined : startTimer(timeoutMs, () => end('timed_out'));
  if (stdin !== undefined) {
    sendInput(stdin, {
      send: (part) => connection.call('exec.stdin', { execId, ...part }, { signal: over.signal }),
      over: over.signal,
      onBroken: (error) => {
        onProblem(error);
        end('aborted');
      },
      onSent: () => options.onInputSent?.(),
    }).catch(onProblem);
  }
  const event = await last;
  over.abort();
  stopTimer?.();
  stopForce?.();
  signal?.removeEventListener('abort', onAbort);
  return readEnd(event, cause);
}

function startParams(options: RemoteExecOptions): MethodParams<'exec.start'> {
  const { sandboxId, command, cwd, env, limits = {}, stdin, timeoutMs = LONGEST_MS } = options;
  return {
    sandboxId,
    command: [...command],
    cwd,
    env: { ...env },
    ...(EXEC_VARIABLE in env ? { label: EXEC_VARIABLE } : {}),
    limits: planProcessLimits(limits),
    timeoutMs: Math.ceil(Math.min(timeoutMs, LONGEST_MS) + OVERTIME_MS),
    stdin: stdin !== undefined,
    creditBytes: FIRST_CREDIT_BYTES,
  };
}

function commandBytes({ command }: RemoteExecOptions): number {
  return command.reduce((sum, argument) => sum + Buffer.byteLength(argument) + 1, 0);
}
