import type { CommitSha } from '@agentswarm/core';
import { parseNumstat, type DiffStat } from './parse-numstat.ts';
import { parseSha } from './refs.ts';
import { safeArgument } from './run-git.ts';
import { openWorkTree, type WorkTreeOptions } from './work-tree.ts';

/** Counts the lines changed from one commit to another (default the current one); a rename is two files. */
export async function getDiffStat(
  options: WorkTreeOptions & { readonly from: string; readonly to?: string },
): Promise<DiffStat> {
  const ends = [safeArgument(options.from, 'commit'), safeArgument(options.to ?? 'HEAD', 'commit')];
  const flags = ['--numstat', '-z', '--no-renames', '--no-ext-diff', '--no-textconv'];
  const output = await openWorkTree(options).run('diff', ...flags, ...ends, '--');
  return parseNumstat(output);
}

/** A commit for people. */
export interface CommitInfo {
  readonly commit: CommitSha;
  readonly authorName: string;
  readonly authorEmail: string;
  /** Milliseconds since the Unix epoch. */
  readonly authoredAtMs: number;
  readonly subject: string;
  /** The message after the subject, trimmed. */
  readonly body: string;
}

/** The newest commits reachable from `ref` (default the current one), at most `limit` (default 10). */
export async function getRecentCommits(
  options: WorkTreeOptions & { readonly ref?: string; readonly limit?: number },
): Promise<readonly CommitInfo[]> {
  const ref = safeArgument(options.ref ?? 'HEAD', 'commit');
  const format = '--format=%H%x00%an%x00%ae%x00%at%x00%s%x00%b';
  const limit = `--max-count=${options.limit ?? 10}`;
  const output = await openWorkTree(options).run(
    'log',
    '-z',
    limit,
    format,
    '--no-show-signature',
    ref,
    '--',
  );
  const fields = output.split('\0');
  const commits: CommitInfo[] = [];
  for (let index = 0; index + 5 < fields.length; index += 6) {
    const [commit = '', authorName = '', authorEmail = '', seconds = '', subject = '', body = ''] =
      fields.slice(index, index + 6);
    commits.push({
      commit: parseSha(commit),
      authorName,
      authorEmail,
      authoredAtMs: Number(seconds) * 1000,
      subject,
      body: body.trim(),
    });
  }
  return commits;
}

/** Paths of all files of a commit (default the current one), in git's order. */
export async function getFileTree(
  options: WorkTreeOptions & { readonly ref?: string },
): Promise<readonly string[]> {
  const ref = safeArgument(options.ref ?? 'HEAD', 'commit');
  const output = await openWorkTree(options).run('ls-tree', '-r', '-z', '--name-only', '--full-tree', ref);
  return output.split('\0').filter((path) => path !== '');
}

/** Whether the work tree differs from the current commit: staged, unstaged or untracked files that are not ignored. */
export async function hasUncommittedChanges(options: WorkTreeOptions): Promise<boolean> {
  const output = await openWorkTree(options).run('status', '--porcelain', '-z', '--untracked-files=normal');
  return output !== '';
}
