import { constants } from 'node:os';
import type { ExecResult, SandboxLimit } from '@agentswarm/core';
import { STARTER } from '../limits/limited-process.ts';
import { TASK_BOUNDER } from '../limits/task-bound.ts';

/** Why a command was ended from outside: a time limit, an abort, or a limit of its sandbox. */
export type EndCause = 'timed_out' | 'aborted' | { readonly limit: SandboxLimit };

/** The parts of a process's end that matter here. */
export interface ProcessExit {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
}

export interface ExitContext {
  readonly cause: EndCause | undefined;
  /** The process was a wrapper, which reports a signal as exit code 128 + number. */
  readonly wrapped: boolean;
  readonly stderr: string;
}

/** How those say it who could not start the command. */
const NOT_STARTED_CODES = new Set([126, 127]);
const NOT_STARTED_MESSAGES = [`${STARTER}: `, `${TASK_BOUNDER}: `];

const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** Decides how a command ended. What we did to it counts before what it reports. */
export function readExit(
  exit: ProcessExit,
  context: ExitContext,
): Pick<ExecResult, 'reason' | 'exitCode' | 'signalName' | 'limit'> {
  const { cause, stderr } = context;
  if (typeof cause === 'string') return { reason: cause };
  if (cause !== undefined) return { reason: 'over_limit', limit: cause.limit };
  if (exit.signal !== undefined) return { reason: 'signalled', signalName: exit.signal };
  if (exit.exitCode === undefined) return { reason: 'not_started' };
  if (
    NOT_STARTED_CODES.has(exit.exitCode) &&
    NOT_STARTED_MESSAGES.some((start) => stderr.startsWith(start))
  ) {
    return { reason: 'not_started' };
  }
  if (context.wrapped) {
    if (exit.exitCode === 1 && stderr.startsWith('bwrap: ')) return { reason: 'not_started' };
    const signalName = SIGNAL_NAMES.get(exit.exitCode - 128);
    if (signalName !== undefined) return { reason: 'signalled', signalName };
  }
  return { reason: 'exited', exitCode: exit.exitCode };
}
