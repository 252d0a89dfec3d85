import { GitError } from './errors.ts';
import { callOptions, runGit, textOf, type CallOptions } from './run-git.ts';

export interface GitVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/**
 * Asks the installed git for its version.
 *
 * @throws {GitError} `GIT_NOT_FOUND` when there is no git on PATH.
 */
export async function gitVersion(options: CallOptions = {}): Promise<GitVersion> {
  const text = textOf(await runGit({ ...callOptions(options), args: ['version'] }));
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (match === null) throw new GitError('GIT_UNEXPECTED_OUTPUT', `unknown version of git: ${text}`);
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}

/** What depends on the version of git. */
export interface GitFeatures {
  /** Merging in the object database, from 2.38: needed to land branches. */
  readonly mergeTree: boolean;
  /** `git merge-tree --merge-base`, from 2.40. */
  readonly mergeBaseOption: boolean;
  /** `git merge-tree --stdin` that answers line by line, from 2.49. */
  readonly interactiveMergeTree: boolean;
}

/** Derives from a version what git can do. */
export function gitFeatures(version: GitVersion): GitFeatures {
  const since = (minor: number) => version.major > 2 || (version.major === 2 && version.minor >= minor);
  return { mergeTree: since(38), mergeBaseOption: since(40), interactiveMergeTree: since(49) };
}
