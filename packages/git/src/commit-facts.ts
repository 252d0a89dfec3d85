import type { CommitSha } from '@agentswarm/core';
import { GitError } from './errors.ts';
import { parseNumstat, type DiffStat } from './parse-numstat.ts';
import { runInView, type RepositoryOptions } from './read-repository.ts';
import { parseSha } from './refs.ts';
import { nulFields, textOf } from './run-git.ts';

/** What `head` has beyond `base`. */
export interface CommitRange extends RepositoryOptions {
  readonly base: CommitSha;
  readonly head: CommitSha;
}

/** A commit in one line. */
export interface CommitSummary {
  readonly commit: CommitSha;
  readonly subject: string;
  /** When it was made, in milliseconds since 1970: by the clock of whoever made it. */
  readonly committedAtMs: number;
}

const PLAIN = ['-r', '--no-renames', '--no-ext-diff', '--no-textconv'];

/** Commits reachable from `head` and not from `base`, newest first, at most `limit` (default 100). */
export async function commitsBetween(
  options: CommitRange & { readonly limit?: number },
): Promise<readonly CommitSummary[]> {
  const format = '--format=%H%x00%ct%x00%s';
  const args = ['log', '-z', format, '--no-show-signature', `--max-count=${options.limit ?? 100}`];
  const fields = nulFields(
    await runInView(options, { args: [...args, options.head, `^${options.base}`, '--'] }),
  );
  const commits: CommitSummary[] = [];
  for (let index = 0; index + 2 < fields.length; index += 3) {
    const [commit = '', seconds = '', subject = ''] = fields.slice(index, index + 3);
    commits.push({ commit: parseSha(commit), subject, committedAtMs: Number(seconds) * 1000 });
  }
  return commits;
}

/** Counts the lines changed from `base` to `head`, without filters or attributes; a rename is two files. */
export async function diffStat(options: CommitRange): Promise<DiffStat> {
  const args = ['diff-tree', '-z', '--numstat', ...PLAIN, options.base, options.head, '--'];
  return parseNumstat((await runInView(options, { args })).stdout.toString('utf8'));
}

/**
 * The change from `base` to `head` as a patch that `git apply` takes, binary files included. Its text is as
 * untrusted as the commits.
 *
 * @throws {GitError} `GIT_OUTPUT_TOO_LARGE` above 64 MiB.
 */
export async function readPatch(options: CommitRange): Promise<Buffer> {
  const args = ['diff-tree', '--patch', '--binary', '--no-color', ...PLAIN, options.base, options.head, '--'];
  return (await runInView(options, { args, maxOutputBytes: 64 * 1024 * 1024 })).stdout;
}

/** Bytes that the objects of `head` beyond those of `base` take in the repository. */
export async function addedBytes(options: CommitRange): Promise<number> {
  const args = ['rev-list', '--disk-usage', '--objects', options.head, `^${options.base}`, '--'];
  const text = textOf(await runInView(options, { args }));
  if (/^\d+$/.test(text)) return Number(text);
  throw new GitError('GIT_UNEXPECTED_OUTPUT', `git printed no size: ${text.slice(0, 100)}`);
}
