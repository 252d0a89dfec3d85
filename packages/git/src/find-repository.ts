import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GitError } from './errors.ts';
import { commonGitDir } from './neutral-view.ts';
import { callOptions, runGit, textOf, type CallOptions } from './run-git.ts';

/** What a path is to git. */
export type RepositoryLocation =
  /** The top of a work tree. */
  | { readonly kind: 'top'; readonly root: string }
  /** A folder below the top `root` of a work tree. */
  | { readonly kind: 'subfolder'; readonly root: string }
  | { readonly kind: 'bare'; readonly root: string }
  | { readonly kind: 'none' };

/** Tells whether a directory is the top of a work tree, lies in one, is a bare repository, or none of these. */
export async function findRepositoryRoot(
  options: CallOptions & { readonly path: string },
): Promise<RepositoryLocation> {
  const found = await stat(options.path).catch((error: unknown) => {
    throw new GitError('GIT_NOT_A_REPOSITORY', `not a readable directory: ${options.path}`, { cause: error });
  });
  if (!found.isDirectory()) return { kind: 'none' };
  const ask = (flag: string) =>
    runGit({ ...callOptions(options), cwd: options.path, args: ['rev-parse', flag], accept: [0, 128] });
  const bare = await ask('--is-bare-repository');
  if (bare.exitCode !== 0) return { kind: 'none' };
  if (textOf(bare) === 'true') return { kind: 'bare', root: textOf(await ask('--absolute-git-dir')) };
  const top = await ask('--show-toplevel');
  if (top.exitCode !== 0) return { kind: 'none' };
  const root = textOf(top);
  const same = (await realpath(root)) === (await realpath(options.path));
  return { kind: same ? 'top' : 'subfolder', root };
}

/** Tells whether a repository's history was cut off when it was cloned. */
export function isShallowRepository(repository: string): boolean {
  return existsSync(join(commonGitDir(repository), 'shallow'));
}
