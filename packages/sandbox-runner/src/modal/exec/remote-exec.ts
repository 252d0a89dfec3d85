import { isSwarmError, type ExecHandle, type ExecResult, type SandboxLimits } from '@agentswarm/core';
import { SandboxError } from '../../errors.ts';
import { planProcessLimits } from '../../limits/process-limits.ts';
import { untilAborted } from '../../process/until-aborted.ts';
import { EXEC_VARIABLE } from '../../process/process-table.ts';
import { startTimer } from '../../process/start-timer.ts';
import type { MethodParams } from '../protocol/messages.ts';
import { isSandboxGone } from '../shim/explain-failure.ts';
import type { CallOptions, ShimConnection } from '../shim/shim-connection.ts';
import { readEnd, type LastEvent, type RemoteEndCause } from './read-end.ts';
import { FIRST_CREDIT_BYTES, RemoteOutput } from './remote-output.ts';
import { sendInput } from './send-input.ts';

const DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;
/** Time between the request to end and the end by force. */
const GRACE_MS = 2_000;
/**
 * Time for the cloud to say that an end by force came. What is root inside can stop the shell that would tell;
 * the longest pause of an honest one is the shim's, for streams that are held open.
 */
const PATIENCE_MS = 30_000;
/** No sandbox lives longer. */
const LONGEST_MS = 24 * 3_600_000;
/** How much later than we the cloud ends a command, should we be gone. */
const OVERTIME_MS = 60_000;
/** What the cloud takes as one command line. */
const MAX_COMMAND_BYTES = 60_000;
/** A message that the shim does not take would end it, and with it the commands of all sandboxes. */
const MAX_ENVIRONMENT_BYTES = 1024 * 1024;

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
    const tooLong = findTooLong(options);
    if (tooLong !== undefined) return finish({ reason: 'not_started' }, `${tooLong} is too long`);
    const last = Promise.withResolvers<LastEvent>();
    try {
      await startInTime(options, {
        onResult: ({ execId }) => {
          streamId = execId;
          connection.listen(execId, (event) => {
            if (event.kind !== 'data') last.resolve(event);
            else if (event.stream !== 'file') output.add({ stream: event.stream, bytes: event.bytes });
          });
        },
      });
    } catch (error) {
      if (isSandboxGone(error) || options.signal?.aborted) return finish({ reason: 'aborted' });
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

/** Asks for the start of a command. Aborted, it is ended by the shim, which is not waited for without end. */
async function startInTime(
  options: RemoteExecOptions,
  { onResult }: Required<Pick<CallOptions<'exec.start'>, 'onResult'>>,
): Promise<void> {
  const { connection, signal } = options;
  const unheard = new AbortController();
  let stopTimer: (() => void) | undefined;
  const onAbort = () => {
    stopTimer = startTimer(PATIENCE_MS, () => unheard.abort(signal?.reason));
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  const how = { onResult, ...(signal === undefined ? {} : { signal }) };
  try {
    await untilAborted(connection.call('exec.start', startParams(options), how), unheard.signal);
  } finally {
    stopTimer?.();
    signal?.removeEventListener('abort', onAbort);
  }
}

interface StartedCommand {
  readonly execId: string;
  readonly last: Promise<LastEvent>;
  /** Hears that it is asked to end. */
  readonly onEnding: () => void;
}

/** Feeds a command that has started, and ends it when asked to; gives how it ended. */
async function attend(
  { execId, last, onEnding }: StartedCommand,
  options: RemoteExecOptions,
): Promise<Pick<ExecResult, 'reason' | 'exitCode' | 'signalName'>> {
  const { connection, stdin, timeoutMs, signal, onProblem } = options;
  const over = new AbortController();
  const unheard = Promise.withResolvers<undefined>();
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
    stopForce = startTimer(GRACE_MS, () => {
      send('KILL');
      stopForce = startTimer(PATIENCE_MS, () => unheard.resolve(undefined));
    });
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
  const event = await Promise.race([last, unheard.promise]);
  over.abort();
  stopTimer?.();
  stopForce?.();
  signal?.removeEventListener('abort', onAbort);
  if (event !== undefined) return readEnd(event, cause);
  connection.listen(execId, () => undefined);
  onProblem(new SandboxError('SANDBOX_STREAM_LOST', 'a command that was ended by force does not say so'));
  return { reason: cause ?? 'lost' };
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

function findTooLong({ command, env }: RemoteExecOptions): string | undefined {
  if (bytesOf(command) > MAX_COMMAND_BYTES) return 'command line';
  return bytesOf(Object.entries(env).flat()) > MAX_ENVIRONMENT_BYTES ? 'environment' : undefined;
}

function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
}
