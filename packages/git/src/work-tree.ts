import { GitConstructError, GitPluginError, simpleGit } from 'simple-git';
import { processError, type GitErrorCode } from './errors.ts';
import { displayRemote } from './remote-url.ts';

/** The checkout an operation works in. */
export interface WorkTreeOptions {
  /** A directory in a work tree. */
  readonly workdir: string;
  /** Ends git when it has been silent for this long. Default 120 000. */
  readonly timeoutMs?: number;
  /** Ends the git process and rejects with `GIT_ABORTED`. */
  readonly signal?: AbortSignal;
}

const CONFIG: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.editor=true',
  'sequence.editor=true',
  'commit.gpgSign=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'rerere.enabled=false',
  'rebase.autoStash=false',
  'merge.autoStash=false',
  'submodule.recurse=false',
];

/** How a git command ended, before its exit code is judged. */
interface CommandOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** Runs the commands of one operation in a work tree through simple-git. */
export interface WorkTreeGit {
  /** Gives standard output. @throws {GitError} for every exit code but 0. */
  run(...args: readonly string[]): Promise<string>;
  /** Gives the exit code of a command for which failing is a result. */
  attempt(...args: readonly string[]): Promise<number>;
  /** Throws the error of a command that {@link WorkTreeGit.attempt} reported as failed. */
  fail(args: readonly string[], exitCode: number): never;
}

const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * Opens a work tree. Hooks, fsmonitor, editors, signing and background maintenance are off; filters
 * and merge drivers of the repository's own configuration work as the user set them up.
 */
export function openWorkTree(options: WorkTreeOptions): WorkTreeGit {
  const fail = (args: readonly string[], outcome: Partial<CommandOutcome> & { exitCode: number }): never => {
    throw processError('GIT_FAILED', `git ${args[0]} failed with exit code ${outcome.exitCode}`, {
      command: ['git', ...args.map(displayRemote)],
      exitCode: outcome.exitCode,
      stderrTail: displayRemote((outcome.stderr ?? '').slice(-4096)),
      durationMs: outcome.durationMs ?? 0,
    });
  };
  return {
    run: async (...args) => {
      const outcome = await execute(options, args);
      return outcome.exitCode === 0 ? outcome.stdout : fail(args, outcome);
    },
    attempt: async (...args) => (await execute(options, args)).exitCode,
    fail: (args, exitCode) => fail(args, { exitCode }),
  };
}

async function execute(options: WorkTreeOptions, args: readonly string[]): Promise<CommandOutcome> {
  const startedAt = performance.now();
  const durationMs = () => Math.round(performance.now() - startedAt);
  let failed: { exitCode: number; stdout: string; stderr: string } | undefined;
  try {
    const git = simpleGit({
      baseDir: options.workdir,
      config: [...CONFIG],
      unsafe: { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true, allowUnsafeEditor: true },
      timeout: { block: options.timeoutMs ?? DEFAULT_TIMEOUT_MS },
      ...(options.signal === undefined ? {} : { abort: options.signal }),
      errors: (error, { exitCode, stdOut, stdErr }) => {
        if (exitCode === 0) return error;
        failed = {
          exitCode,
          stdout: Buffer.concat(stdOut).toString(),
          stderr: Buffer.concat(stdErr).toString(),
        };
        return error ?? Buffer.from(`exit code ${exitCode}`);
      },
    });
    return { exitCode: 0, stdout: await git.raw([...args]), stderr: '', durationMs: durationMs() };
  } catch (error) {
    const code = causeOf(error, failed?.exitCode, options.signal);
    if (code === undefined && failed !== undefined) return { ...failed, durationMs: durationMs() };
    throw processError(code ?? 'GIT_FAILED', `git ${args[0]} could not be run in ${options.workdir}`, {
      command: ['git', ...args.map(displayRemote)],
      stderrTail: '',
      durationMs: durationMs(),
      cause: error,
    });
  }
}

/** Why git did not come to an exit code of its own; undefined when it did. */
function causeOf(error: unknown, exitCode?: number, signal?: AbortSignal): GitErrorCode | undefined {
  if (signal?.aborted === true) return 'GIT_ABORTED';
  if (error instanceof GitConstructError) return 'GIT_NOT_A_REPOSITORY';
  if (error instanceof GitPluginError && error.plugin === 'timeout') return 'GIT_TIMED_OUT';
  // Node reports a missing program as the negative errno of ENOENT.
  return exitCode === -2 ? 'GIT_NOT_FOUND' : undefined;
}
