import type { BranchName, Clock, CommitSha, Secret } from '@agentswarm/core';
import {
  fetchCommits,
  GitError,
  pushCompareAndSwap,
  remoteTip,
  type GitSession,
  type PushResult,
  type RefChange,
} from '@agentswarm/git';
import { MergeQueueError } from '../errors.ts';

/** The ref that says what has landed. */
export interface Target {
  readonly branch: BranchName;
  /**
   * Reads where it points now; the commit is then in the repository.
   * @throws {MergeQueueError} `TARGET_MISSING`, `TARGET_UNREACHABLE`.
   */
  tip(signal: AbortSignal): Promise<CommitSha>;
  /** Moves it from `old` to `new`. Not interrupted by anything: a push that began is brought to its end. */
  move(change: { readonly old: CommitSha; readonly new: CommitSha }): Promise<PushResult>;
}

export interface TargetOptions {
  readonly session: GitSession;
  /** Must hold in the transaction that moves a target of the repository's own. */
  readonly condition: RefChange;
  readonly repository: string;
  readonly branch: BranchName;
  readonly remote?: string;
  readonly credential?: Secret;
  readonly clock: Clock;
}

const RETRY_DELAYS_MS = [500, 2000, 5000];

/** The branch of a remote, or of the repository itself when there is no remote. */
export function createTarget(options: TargetOptions): Target {
  const target = options.remote === undefined ? localTarget(options) : remoteTarget(options, options.remote);
  const { clock } = options;
  return {
    branch: target.branch,
    tip: (signal) => withRetries(() => target.tip(signal), { clock, signal }),
    move: (change) => withRetries(() => target.move(change), { clock }),
  };
}

function localTarget({ session, branch, condition }: TargetOptions): Target {
  const ref = `refs/heads/${branch}`;
  return {
    branch,
    tip: async () => present(await session.resolveRef(ref), branch),
    move: async (change) => {
      const result = await session.updateRefs([{ ref, ...change }, condition]);
      return result.kind === 'updated'
        ? { kind: 'pushed' }
        : { kind: 'moved', actual: await session.resolveRef(ref) };
    },
  };
}

function remoteTarget({ repository, branch, credential }: TargetOptions, remote: string): Target {
  const ref = `refs/heads/${branch}`;
  const tracking = `refs/agentswarm/target/${branch}`;
  const access = credential === undefined ? {} : { credential: { token: credential } };
  let known: CommitSha | undefined;
  return {
    branch,
    tip: async (signal) => {
      const tip = present(await remoteTip({ repository, remote, branch, ...access, signal }), branch);
      if (tip === known) return tip;
      // The remote is the user's own: its old history may have flaws fsck would refuse.
      const refs = [{ source: ref, destination: tracking }];
      const [fetched] = await fetchCommits({
        repository,
        from: remote,
        refs,
        fsck: false,
        ...access,
        signal,
      });
      known = present(fetched, branch);
      return known;
    },
    move: async (change) => {
      const result = await pushCompareAndSwap({ repository, remote, ref, ...change, ...access });
      if (result.kind === 'pushed') known = change.new;
      return result;
    },
  };
}

function present(tip: CommitSha | undefined, branch: string): CommitSha {
  if (tip !== undefined) return tip;
  throw new MergeQueueError('TARGET_MISSING', `the target branch does not exist: ${branch}`);
}

async function withRetries<T>(
  action: () => Promise<T>,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof GitError)) throw error;
      const delayMs = error.traits.retryable ? RETRY_DELAYS_MS[attempt] : undefined;
      if (delayMs === undefined) {
        throw new MergeQueueError(
          'TARGET_UNREACHABLE',
          `the target cannot be read or written: ${error.message}`,
          {
            cause: error,
          },
        );
      }
      await clock.sleep(delayMs, signal);
    }
  }
}
