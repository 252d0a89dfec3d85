import { complaintOf } from './complaint.ts';
import { GitError, processError } from './errors.ts';
import { hardenedArgs, localEnvironment } from './hardening.ts';
import { displayRemote } from './remote-url.ts';
import { spawnGit, subcommandOf, type SpawnResult } from './spawn.ts';

/** What every operation takes: when to give up, and a way to be told to. */
export interface CallOptions {
  /** Default 120 000. */
  readonly timeoutMs?: number;
  /** Ends the git process and rejects with `GIT_ABORTED`. */
  readonly signal?: AbortSignal;
}

export interface GitCall extends CallOptions {
  readonly args: readonly string[];
  readonly gitDir?: string;
  readonly cwd?: string;
  /** Default: the local environment, which reads no configuration of user or system. */
  readonly env?: Readonly<Record<string, string>>;
  /** More settings, `name=value`. */
  readonly config?: readonly string[];
  readonly stdin?: string | Uint8Array;
  /** Exit codes that are results. Default only 0. */
  readonly accept?: readonly number[];
  /** Default 256 MiB. */
  readonly maxOutputBytes?: number;
}

const DEFAULT_TIMEOUT_MS = 120_000;
const DEFAULT_MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Runs hardened git; exit codes outside `accept` become a {@link GitError}. */
export async function runGit(call: GitCall): Promise<SpawnResult> {
  const args = [
    ...(call.gitDir === undefined ? [] : [`--git-dir=${call.gitDir}`]),
    ...hardenedArgs(call.config),
    ...call.args,
  ];
  const result = await spawnGit({
    args,
    ...(call.cwd === undefined ? {} : { cwd: call.cwd }),
    env: call.env ?? localEnvironment(),
    ...(call.stdin === undefined ? {} : { stdin: call.stdin }),
    timeoutMs: call.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxOutputBytes: call.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES,
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  if ((call.accept ?? [0]).includes(result.exitCode)) return result;
  const { exitCode, stderrTail, durationMs } = result;
  const name = `git ${subcommandOf(args)}`;
  throw processError('GIT_FAILED', `${name} failed with exit code ${exitCode}: ${complaintOf(stderrTail)}`, {
    command: ['git', ...args.map(displayRemote)],
    exitCode,
    stderrTail,
    durationMs,
  });
}

/** Standard output as text without the final line break. */
export function textOf(result: SpawnResult): string {
  return result.stdout.toString('utf8').replace(/\n$/, '');
}

/** The fields of NUL-terminated output. */
export function nulFields(result: SpawnResult): string[] {
  const fields = result.stdout.toString('utf8').split('\0');
  if (fields.at(-1) === '') fields.pop();
  return fields;
}

/** The part of call options that is given on to further calls. */
export function callOptions(options: CallOptions): CallOptions {
  return {
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}

/** Refuses text that git would take for an option or that cannot be an argument. */
export function safeArgument(value: string, what: string): string {
  if (value === '' || value.startsWith('-') || value.includes('\0')) {
    throw new GitError('GIT_BAD_ARGUMENT', `not a valid ${what}: ${JSON.stringify(value)}`);
  }
  return value;
}
