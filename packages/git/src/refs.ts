import type { CommitSha } from '@agentswarm/core';
import { GitError } from './errors.ts';
import { commonGitDir } from './neutral-view.ts';
import { runInView, type RepositoryOptions } from './read-repository.ts';
import { callOptions, runGit, safeArgument, textOf } from './run-git.ts';

/** A ref and the object it names. */
export interface RefEntry {
  readonly ref: string;
  readonly commit: CommitSha;
}

/**
 * Gives the commit a full ref, branch name or object name stands for; undefined when there is none.
 *
 * @throws {GitError} `GIT_NOT_A_REPOSITORY`.
 */
export async function resolveRef(
  options: RepositoryOptions & { readonly ref: string },
): Promise<CommitSha | undefined> {
  const name = `${safeArgument(options.ref, 'ref')}^{commit}`;
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', name];
  const result = await runInView(options, { args, accept: [0, 1, 128] });
  return result.exitCode === 0 ? parseSha(textOf(result)) : undefined;
}

/** Lists refs under a prefix such as `refs/heads/`; default all. Sorted by name. */
export async function listRefs(
  options: RepositoryOptions & { readonly prefix?: string },
): Promise<readonly RefEntry[]> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', options.prefix ?? 'refs/'];
  const text = textOf(await runInView(options, { args }));
  return text === '' ? [] : text.split('\n').map(parseRefLine);
}

/** What became of a compare-and-swap on a ref. */
export type UpdateRefResult =
  | { readonly kind: 'updated' }
  /** The ref did not have the expected value; `actual` is undefined when it does not exist. */
  | { readonly kind: 'moved'; readonly actual: CommitSha | undefined };

/**
 * Moves a ref if and only if it still has the value `old`; `old: null` means it must not exist yet.
 * Runs no reference-transaction hook.
 *
 * @throws {GitError} `GIT_FAILED` when the ref cannot be written although its value is as expected.
 */
export async function updateRef(
  options: RepositoryOptions & {
    readonly ref: string;
    readonly old: CommitSha | null;
    readonly new: CommitSha;
  },
): Promise<UpdateRefResult> {
  const old = options.old ?? '0'.repeat(options.new.length);
  return await changeRef(options, ['update-ref', safeArgument(options.ref, 'ref'), options.new, old]);
}

/** Deletes a ref if and only if it still has the value `old`. */
export async function deleteRef(
  options: RepositoryOptions & { readonly ref: string; readonly old: CommitSha },
): Promise<UpdateRefResult> {
  return await changeRef(options, ['update-ref', '-d', safeArgument(options.ref, 'ref'), options.old]);
}

async function changeRef(
  options: RepositoryOptions & { readonly ref: string; readonly old: CommitSha | null },
  args: readonly string[],
): Promise<UpdateRefResult> {
  const gitDir = commonGitDir(options.repository);
  try {
    await runGit({ ...callOptions(options), gitDir, args });
    return { kind: 'updated' };
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== 'GIT_FAILED') throw error;
    const actual = await resolveRef(options);
    if (actual === (options.old ?? undefined)) throw error;
    return { kind: 'moved', actual };
  }
}

const OBJECT_NAME = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Checks that git printed an object name. Without a schema: thousands of names are read at a time. */
export function parseSha(text: string): CommitSha {
  if (isObjectName(text)) return text;
  throw new GitError('GIT_UNEXPECTED_OUTPUT', `git printed no object name: ${text.slice(0, 100)}`);
}

function isObjectName(text: string): text is CommitSha {
  return OBJECT_NAME.test(text);
}

function parseRefLine(line: string): RefEntry {
  const space = line.indexOf(' ');
  return { commit: parseSha(line.slice(0, space)), ref: line.slice(space + 1) };
}
