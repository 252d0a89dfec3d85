import { toSwarmError, type ExecHandle, type ExecResult } from '@agentswarm/core';
import type { MachineTime } from '../process/machine-time.ts';
import { isLost, type Connection } from './connection.ts';
import type { WorkerEnd } from './judge-attempt.ts';
import { sleepUnless } from '../process/sleep-unless.ts';

/** How often a worker that cannot be heard is asked for. */
const LOOK_AGAIN_MS = 500;

export interface AwaitWorkerOptions {
  readonly connection: Connection;
  /** The worker's command; undefined when somebody else started it. */
  readonly exec: ExecHandle | undefined;
  /** Hears that only looking tells from now on whether the worker runs. */
  readonly onUnheard: () => void;
  /** Ends the wait for a worker that cannot be heard; one that can is ended by its own signal. */
  readonly signal: AbortSignal;
  readonly time: MachineTime;
}

/** Waits for the end of a worker: by its result, and when that is lost, by looking. */
export async function awaitWorker(options: AwaitWorkerOptions): Promise<WorkerEnd> {
  const { connection, exec, signal, time } = options;
  const result = exec && (await resultOf(exec));
  if (result !== undefined && result.reason !== 'lost') return { kind: 'ended', exec: result };
  options.onUnheard();
  try {
    while (!signal.aborted) {
      if (!(await connection.use((sandbox) => sandbox.isBusy()))) return { kind: 'unheard' };
      await sleepUnless(signal, time, LOOK_AGAIN_MS);
    }
    return { kind: 'unheard' };
  } catch (error) {
    return { kind: 'gone', why: toSwarmError(error).message };
  }
}

/** Undefined when the connection was lost. */
async function resultOf(exec: ExecHandle): Promise<ExecResult | undefined> {
  try {
    return await exec.result;
  } catch (error) {
    if (isLost(error)) return undefined;
    const message = toSwarmError(error).message;
    return { reason: 'not_started', stdout: '', stderr: message, durationMs: 0 };
  }
}
