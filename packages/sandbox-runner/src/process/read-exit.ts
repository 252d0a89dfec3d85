import { constants } from 'node:os';
import type { ExecResult } from '@agentswarm/core';

/** The parts of a process's end that matter here. */
export interface ProcessExit {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
}

export interface ExitContext {
  readonly cause: 'timed_out' | 'aborted' | undefined;
  /** The process was a wrapper, which reports a signal as exit code 128 + number. */
  readonly wrapped: boolean;
  readonly stderr: string;
}

const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** Decides how a command ended. What we did to it counts before what it reports. */
export function readExit(
  exit: ProcessExit,
  context: ExitContext,
): Pick<ExecResult, 'reason' | 'exitCode' | 'signalName'> {
  if (context.cause !== undefined) return { reason: context.cause };
  if (exit.signal !== undefined) return { reason: 'signalled', signalName: exit.signal };
  if (exit.exitCode === undefined) return { reason: 'not_started' };
  if (context.wrapped) {
    if (exit.exitCode === 1 && context.stderr.startsWith('bwrap: ')) return { reason: 'not_started' };
    const signalName = SIGNAL_NAMES.get(exit.exitCode - 128);
    if (signalName !== undefined) return { reason: 'signalled', signalName };
  }
  return { reason: 'exited', exitCode: exit.exitCode };
}
