import {
  BranchNameSchema,
  type ExecResult,
  type GateFailure,
  type NetworkPolicy,
  type SandboxBackend,
} from '@agentswarm/core';
import type { Gate, GateRequest, GateVerdict } from './gate.ts';
import { outputTail } from './output-tail.ts';

export interface CommandGateOptions {
  readonly backend: SandboxBackend;
  /** Label of the sandboxes, by which they are found again after a crash. */
  readonly run: string;
  /** Of each command. Default 900 000. */
  readonly timeoutMs?: number;
  /** Default `none`. */
  readonly network?: Exclude<NetworkPolicy, 'gateway'>;
}

const DEFAULT_TIMEOUT_MS = 900_000;
/** What a POSIX shell says when it cannot start a command. */
const SHELL_CANNOT_START: ReadonlySet<number> = new Set([126, 127]);

/**
 * Makes a gate of shell commands. They run in order, each with `sh -c`, in one fresh sandbox on a
 * checkout of exactly the merged commit with its dependencies; the first that fails decides.
 * An exit code other than 0 is red; timeouts, signals and commands that cannot be started are no answer.
 */
export function commands(list: readonly string[], options: CommandGateOptions): Gate {
  return { run: (request) => runCommands(list, options, request) };
}

async function runCommands(
  list: readonly string[],
  options: CommandGateOptions,
  { repository, commit, signal }: GateRequest,
): Promise<GateVerdict> {
  await using sandbox = await options.backend.create(
    {
      labels: { run: options.run, purpose: 'gate' },
      source: { repository, commit, branch: BranchNameSchema.parse(`gate/${commit.slice(0, 12)}`) },
      dependencies: true,
      network: options.network ?? 'none',
    },
    { signal },
  );
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  for (const command of list) {
    const result = await sandbox.exec({ command: ['sh', '-c', command], timeoutMs, signal }).result;
    signal.throwIfAborted();
    const verdict = verdictOf(command, result, timeoutMs);
    if (verdict.kind !== 'pass') return verdict;
  }
  return { kind: 'pass' };
}

/** Reads the verdict from how a command ended, never from what it wrote. */
export function verdictOf(command: string, result: ExecResult, timeoutMs: number): GateVerdict {
  const failure = (facts: Omit<GateFailure, 'command' | 'outputTail'>): GateFailure => ({
    command,
    ...facts,
    outputTail: outputTail(result.stdout, result.stderr),
  });
  switch (result.reason) {
    case 'exited': {
      const { exitCode = 1 } = result;
      if (exitCode === 0) return { kind: 'pass' };
      const kind = SHELL_CANNOT_START.has(exitCode) ? 'could_not_run' : 'fail';
      return { kind, failure: failure({ exitCode }) };
    }
    case 'timed_out':
      return { kind: 'could_not_run', failure: failure({ problem: `took longer than ${timeoutMs} ms` }) };
    case 'signalled':
      return { kind: 'could_not_run', failure: failure({ problem: `ended by ${result.signalName}` }) };
    case 'aborted':
      return { kind: 'could_not_run', failure: failure({ problem: 'was aborted' }) };
    case 'not_started':
      return { kind: 'could_not_run', failure: failure({ problem: 'could not be started' }) };
  }
}
