import { constants } from 'node:os';
import type { ExecResult, GateFailure } from '@agentswarm/core';
import { hasNoTests } from './count-tests.ts';
import type { GateVerdict } from './gate.ts';
import { outputTail } from './output-tail.ts';

/** What a POSIX shell says when it cannot start a command. */
const SHELL_CANNOT_START: ReadonlySet<number> = new Set([126, 127]);
/** Signals that a program brings upon itself: it crashed, and would again. */
const CRASHES: ReadonlySet<string> = new Set([
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGTRAP',
  'SIGSYS',
  'SIGPIPE',
]);
const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

export interface EndedCommand {
  readonly command: string;
  readonly result: ExecResult;
  readonly timeoutMs: number;
}

/**
 * Reads the verdict from how a command ended. What it wrote can only turn a pass into no answer: when it
 * says that it ran no test.
 */
export function verdictOf({ command, result, timeoutMs }: EndedCommand): GateVerdict {
  const failure = (facts: Omit<GateFailure, 'command' | 'outputTail'>): GateFailure => ({
    command,
    ...facts,
    outputTail: outputTail(result.stdout, result.stderr),
  });
  const cannot = (problem: string): GateVerdict => ({ kind: 'could_not_run', failure: failure({ problem }) });
  switch (result.reason) {
    case 'exited':
      return verdictOfExit({ command, exitCode: result.exitCode ?? 1, output: result.stdout }, failure);
    case 'timed_out':
      return cannot(`took longer than ${timeoutMs} ms`);
    case 'signalled':
      return verdictOfSignal(result.signalName ?? 'a signal', failure);
    case 'aborted':
      return cannot('was aborted');
    case 'over_limit':
      return cannot(`reached the limit of its sandbox: ${result.limit ?? 'unknown'}`);
    case 'lost':
      return cannot('lost the connection to its sandbox');
    case 'not_started':
      return cannot('could not be started');
  }
}

type FailureOf = (facts: Omit<GateFailure, 'command' | 'outputTail'>) => GateFailure;

function verdictOfExit(
  ended: { readonly command: string; readonly exitCode: number; readonly output: string },
  failure: FailureOf,
): GateVerdict {
  const { exitCode } = ended;
  if (hasNoTests(ended)) {
    return { kind: 'could_not_run', failure: failure({ exitCode, problem: 'found no test to run' }) };
  }
  if (exitCode === 0) return { kind: 'pass' };
  if (SHELL_CANNOT_START.has(exitCode)) return { kind: 'could_not_run', failure: failure({ exitCode }) };
  // A shell reports the signal that ended its last command as 128 + number.
  const signalName = SIGNAL_NAMES.get(exitCode - 128);
  if (signalName !== undefined) return verdictOfSignal(signalName, failure);
  return { kind: 'fail', failure: failure({ exitCode }) };
}

function verdictOfSignal(signalName: string, failure: FailureOf): GateVerdict {
  const kind = CRASHES.has(signalName) ? 'fail' : 'could_not_run';
  return { kind, failure: failure({ problem: `ended by ${signalName}` }) };
}
