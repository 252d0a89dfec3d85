import { isSwarmError, type ExecHandle, type ExecResult } from '@agentswarm/core';
import { untilAborted } from '../../process/until-aborted.ts';
import { isSandboxGone } from '../shim/explain-failure.ts';
import type { ShimConnection } from '../shim/shim-connection.ts';
import { execRemote, type RemoteExecOptions } from './remote-exec.ts';

/**
 * Starts a command as soon as there is a connection. Without one it ends as if the sandbox had (`aborted`), or
 * as `lost` where another try may help. Who aborts it does not wait for the connection.
 */
export function execWhenConnected(
  connect: () => Promise<ShimConnection>,
  options: Omit<RemoteExecOptions, 'connection'>,
): ExecHandle {
  const { signal, onProblem } = options;
  const starting = untilAborted(connect(), signal).then(
    (connection) => execRemote({ ...options, connection }),
    (error: unknown) => (signal?.aborted ? ended('aborted') : neverStarted(error, onProblem)),
  );
  return {
    lines: later(starting, ({ lines }) => lines),
    output: later(starting, ({ output }) => output),
    result: starting.then(({ result }) => result),
  };
}

function later<T>(
  starting: Promise<ExecHandle>,
  select: (exec: ExecHandle) => AsyncIterable<T>,
): AsyncIterable<T> {
  return {
    async *[Symbol.asyncIterator]() {
      yield* select(await starting);
    },
  };
}

function neverStarted(error: unknown, onProblem: (error: unknown) => void): ExecHandle {
  const isGone = isSandboxGone(error);
  if (!isGone && (!isSwarmError(error) || !error.traits.retryable)) throw error;
  if (!isGone) onProblem(error);
  return ended(isGone ? 'aborted' : 'lost');
}

function ended(reason: 'aborted' | 'lost'): ExecHandle {
  const result: ExecResult = { reason, stdout: '', stderr: '', durationMs: 0 };
  return { lines: nothing(), output: nothing(), result: Promise.resolve(result) };
}

async function* nothing(): AsyncGenerator<never, void, undefined> {
  // No line of a command that never ran.
}
