import type { CommitSha } from '@agentswarm/core';
import { remoteAccess, type RemoteCredential } from './credential.ts';
import { commonGitDir } from './neutral-view.ts';
import type { RepositoryOptions } from './read-repository.ts';
import { parseSha, resolveRef } from './refs.ts';
import { localPathOf } from './remote-url.ts';
import { callOptions, runGit, safeArgument, textOf } from './run-git.ts';

export interface RemoteOptions extends RepositoryOptions {
  /** Path, URL, or the name of a remote configured in the repository. */
  readonly remote: string;
  readonly credential?: RemoteCredential;
}

/** Gives the commit a branch of a remote points at; undefined when it does not exist. */
export async function remoteTip(
  options: RemoteOptions & { readonly branch: string },
): Promise<CommitSha | undefined> {
  return await remoteRef(options, `refs/heads/${options.branch}`);
}

/** What became of a push. */
export type PushResult =
  | { readonly kind: 'pushed' }
  /** The remote's ref was not at `old`; `actual` is undefined when it does not exist. */
  | { readonly kind: 'moved'; readonly actual: CommitSha | undefined }
  /** The remote said no although the ref was at `old`: protected branch, hook, permission. */
  | { readonly kind: 'refused'; readonly detail: string };

/**
 * Moves a ref of a remote from `old` to `new` if and only if it is still at `old` (`null`: absent).
 * No local hook runs; the remote's own hooks decide. An answer lost on the way is settled by looking.
 *
 * @throws {GitError} `GIT_FAILED` when the remote cannot be reached: whether it moved is then unknown.
 */
export async function pushCompareAndSwap(
  options: RemoteOptions & { readonly ref: string; readonly old: CommitSha | null; readonly new: CommitSha },
): Promise<PushResult> {
  const { ref, old } = options;
  const gitDir = commonGitDir(options.repository);
  const { config, env } = await remoteAccess({ ...options, gitDir });
  const lease = `--force-with-lease=${safeArgument(ref, 'ref')}:${old ?? ''}`;
  const flags = ['--porcelain', '--no-verify', '--no-recurse-submodules', '--no-signed', lease];
  const result = await runGit({
    ...callOptions(options),
    gitDir,
    env,
    config,
    args: ['push', ...flags, '--', safeArgument(options.remote, 'remote'), `${options.new}:${ref}`],
    accept: [0, 1, 128],
  });
  if (result.exitCode === 0) return { kind: 'pushed' };
  const actual = await remoteRef(options, ref);
  if (actual === options.new) return { kind: 'pushed' };
  if (actual !== (old ?? undefined)) return { kind: 'moved', actual };
  const detail = refusalOf(textOf(result), result.stderrTail);
  return { kind: 'refused', detail };
}

/** The summary git's porcelain output gives for the ref, then what the remote wrote. */
function refusalOf(porcelain: string, stderrTail: string): string {
  const rejected = porcelain.split('\n').find((line) => line.startsWith('!\t'));
  const summary = rejected?.split('\t')[2] ?? '';
  return [summary, stderrTail.trim()].filter((part) => part !== '').join('\n');
}

async function remoteRef(options: RemoteOptions, ref: string): Promise<CommitSha | undefined> {
  const path = localPathOf(options.remote);
  if (path !== undefined) return await resolveRef({ ...callOptions(options), repository: path, ref });
  const gitDir = commonGitDir(options.repository);
  const { config, env } = await remoteAccess({ ...options, gitDir });
  const result = await runGit({
    ...callOptions(options),
    gitDir,
    env,
    config,
    args: ['ls-remote', '--', safeArgument(options.remote, 'remote'), ref],
  });
  const lines = textOf(result)
    .split('\n')
    .map((line) => line.split('\t'));
  const found = lines.find(([, name]) => name === ref)?.[0];
  return found === undefined ? undefined : parseSha(found);
}
