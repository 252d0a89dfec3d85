import type { BranchName, CommitSha } from '@agentswarm/core';
import { CommitShaSchema } from '@agentswarm/core';
import { WorkerError } from './errors.ts';
import { runProcess, type ProcessResult } from './spawn.ts';

/** The author of every commit made in a sandbox, the agent's own included. */
export const WORKER_IDENTITY: Readonly<Record<string, string>> = {
  GIT_AUTHOR_NAME: 'AgentSwarm Worker',
  GIT_AUTHOR_EMAIL: 'worker@agentswarm.invalid',
  GIT_COMMITTER_NAME: 'AgentSwarm Worker',
  GIT_COMMITTER_EMAIL: 'worker@agentswarm.invalid',
};

/** The repository's hooks, signing and monitors must not decide whether work reaches the intake. */
const SETTINGS = ['core.hooksPath=/dev/null', 'commit.gpgSign=false', 'core.fsmonitor=false', 'gc.auto=0'];

/** Git in the worker's checkout, as argument lists. */
export interface Checkout {
  readonly workdir: string;
  /** Runs git; a non-zero exit is an error with git's own words. Gives standard output, trimmed. */
  git(args: readonly string[], extraEnv?: Readonly<Record<string, string>>): Promise<string>;
  /** Runs git and gives the exit code, for commands that answer with it. */
  gitExitCode(args: readonly string[]): Promise<number | null>;
}

export function createCheckout(workdir: string, env: Readonly<Record<string, string>>): Checkout {
  const run = (args: readonly string[], extraEnv: Readonly<Record<string, string>>): Promise<ProcessResult> =>
    runProcess(['git', ...SETTINGS.flatMap((setting) => ['-c', setting]), ...args], {
      cwd: workdir,
      env: { ...env, ...WORKER_IDENTITY, GIT_TERMINAL_PROMPT: '0', ...extraEnv },
    });
  return {
    workdir,
    async git(args, extraEnv = {}) {
      const result = await run(args, extraEnv);
      if (result.exitCode === 0) return result.stdout.trim();
      throw new WorkerError(
        'WORKER_COMMIT_FAILED',
        `git ${args[0] ?? ''} failed: ${result.stderr.trim().slice(-2_000)}`,
        { details: { args, exitCode: result.exitCode } },
      );
    },
    gitExitCode: async (args) => (await run(args, {})).exitCode,
  };
}

/** Publishes a commit as the attempt's branch; forced, because the intake belongs to this attempt alone. */
export async function pushToIntake(
  checkout: Checkout,
  target: { readonly intake: string; readonly branch: BranchName; readonly commit: CommitSha },
): Promise<void> {
  const refspec = `${target.commit}:refs/heads/${target.branch}`;
  await checkout.git(['push', '--quiet', '--force', '--', target.intake, refspec]);
}

export async function headOf(checkout: Checkout): Promise<CommitSha> {
  return CommitShaSchema.parse(await checkout.git(['rev-parse', '--verify', 'HEAD^{commit}']));
}
