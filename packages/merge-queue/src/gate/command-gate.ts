import { createHash } from 'node:crypto';
import {
  BranchNameSchema,
  type ExecResult,
  type Sandbox,
  type SandboxBackend,
  type SandboxLimits,
} from '@agentswarm/core';
import { verdictOf } from './command-verdict.ts';
import { countPassedTests } from './count-tests.ts';
import type { Gate, GateRequest, GateVerdict } from './gate.ts';
import { outputTail } from './output-tail.ts';

export interface CommandGateOptions {
  readonly backend: SandboxBackend;
  /** Label of the sandboxes, by which they are found again after a crash. */
  readonly run: string;
  /** Of each command. Default 900 000. */
  readonly timeoutMs?: number;
  /** Kept of each stream of each command: the head and the tail. Default 1 MiB. */
  readonly maxOutputBytes?: number;
  /** Default `registries`. */
  readonly network?: 'none' | 'registries' | 'open';
  /** Of the sandbox. Reaching one is no answer. Default: the backend's. */
  readonly limits?: SandboxLimits;
  /** Of all commands together; fewer, or a number that nobody tells, is no answer. Default: no number is asked for. */
  readonly minTests?: number;
  /** Environment of the commands, besides what the sandbox sets. Never a secret. */
  readonly env?: Readonly<Record<string, string>>;
}

const DEFAULT_TIMEOUT_MS = 900_000;
/** With less room than this left, nothing a command says of itself can be believed. */
const NEARLY_FULL_KIB = 1024;

/**
 * Makes a gate of shell commands. They run in order, each with `sh -c`, in one fresh sandbox on a
 * checkout of exactly the merged commit with its dependencies; the first that fails decides.
 * An exit code other than 0 is red, a crash too. No answer are: timeouts, being killed, commands that
 * cannot be started, a full disk, and no tests (see `minTests`).
 */
export function commands(list: readonly string[], options: CommandGateOptions): Gate {
  return {
    environment: digestOf(list, options),
    run: (request) => runCommands(list, options, request),
  };
}

/** Names everything besides the tree that decides; how long a command may take only decides whether it answers. */
function digestOf(list: readonly string[], options: CommandGateOptions): string {
  const { backend, network, minTests, env = {} } = options;
  const machine = [process.platform, process.arch, process.version];
  const variables = Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const facts = [list, network ?? 'registries', minTests ?? 0, variables, backend.description, machine];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
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
      checkout: 'overlay',
      dependencies: true,
      network: options.network ?? 'registries',
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    },
    { signal },
  );
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const limits = {
    timeoutMs,
    ...(options.maxOutputBytes === undefined ? {} : { maxOutputBytes: options.maxOutputBytes }),
  };
  const results: ExecResult[] = [];
  for (const command of list) {
    const result = await sandbox.exec({ command: ['sh', '-c', command], ...limits, signal }).result;
    signal.throwIfAborted();
    const verdict = verdictOf({ command, result, timeoutMs });
    if (verdict.kind === 'fail' && (await isDiskFull(sandbox, signal))) {
      return { kind: 'could_not_run', failure: { ...verdict.failure, problem: 'the disk is full' } };
    }
    if (verdict.kind !== 'pass') return verdict;
    results.push(result);
  }
  return options.minTests === undefined ? { kind: 'pass' } : requireTests(list, results, options.minTests);
}

/** Asked inside, since only there it is known which disk the commands write to. */
async function isDiskFull(sandbox: Sandbox, signal: AbortSignal): Promise<boolean> {
  const command = ['sh', '-c', 'df -Pk . | tail -n 1'] as const;
  const { stdout } = await sandbox.exec({ command: [...command], timeoutMs: 10_000, signal }).result;
  signal.throwIfAborted();
  const freeKib = /\s(\d+)\s+\d+%\s/.exec(stdout)?.[1];
  return freeKib !== undefined && Number(freeKib) < NEARLY_FULL_KIB;
}

function requireTests(
  list: readonly string[],
  results: readonly ExecResult[],
  minTests: number,
): GateVerdict {
  const counts = results.map(({ stdout, stderr }) => countPassedTests(`${stdout}\n${stderr}`));
  const told = counts.filter((count) => count !== undefined);
  const passed = told.reduce((sum, count) => sum + count, 0);
  if (told.length > 0 && passed >= minTests) return { kind: 'pass' };
  const last = results.at(-1);
  const failure = {
    command: list.join(' && '),
    problem: `${told.length === 0 ? 'nothing tells how many tests' : `${passed} tests`} passed, and the gate asks for ${minTests}`,
    outputTail: last === undefined ? '' : outputTail(last.stdout, last.stderr),
  };
  return { kind: 'could_not_run', failure };
}
