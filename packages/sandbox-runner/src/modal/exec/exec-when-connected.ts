import { isSwarmError, type ExecHandle, type ExecResult } from '@agentswarm/core';
import { isSandboxGone } from '../shim/explain-failure.ts';
import type { ShimConnection } from '../shim/shim-connection.ts';
import { execRemote, type RemoteExecOptions } from './remote-exec.ts';

/**
 * Starts a command as soon as there is a connection. Without one it ends as if the sandbox had (`aborted`), or
 * as `lost` where another try may help.
 */
export function execWhenConnected(
  connect: () => Promise<ShimConnection>,
  options: Omit<RemoteExecOptions, 'connection'>,
): ExecHandle {
  const starting = connect().then(
    (connection) => execRemote({ ...options, connection }),
    (error: unknown) => neverStarted(error, options.onProblem),
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
  const result: ExecResult = { reason: isGone ? 'aborted' : 'lost', stdout: '', stderr: '', durationMs: 0 };
  return { lines: nothing(), output: nothing(), result: Promise.resolve(result) };
}

async function* nothing(): AsyncGenerator<never, void, undefined> {
  // No line of a command that never ran.
}
