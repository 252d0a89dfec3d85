import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BranchName, CommitSha } from '@agentswarm/core';
import type { Identity } from './commit-tree.ts';
import { commonGitDir } from './neutral-view.ts';
import { callOptions, runGit, type CallOptions } from './run-git.ts';

/** Creates a bare repository without template files; leaves an existing one as it is. */
export async function initBareRepository(
  options: CallOptions & { readonly directory: string; readonly defaultBranch?: string },
): Promise<void> {
  const branch = options.defaultBranch ?? 'main';
  await runGit({
    ...callOptions(options),
    args: ['init', '--quiet', '--bare', '--template=', `--initial-branch=${branch}`, '--', options.directory],
  });
}

export interface CloneSharedOptions extends CallOptions {
  /** Where the objects are; they are borrowed, so it must outlive the checkout. */
  readonly store: string;
  readonly commit: CommitSha;
  /** Created at `commit` and checked out. */
  readonly branch: BranchName;
  /** Must not exist, or be empty. */
  readonly directory: string;
  /** Written to the checkout's own configuration. */
  readonly identity: Identity;
}

/**
 * Makes a checkout that borrows the objects of a store. Refs, configuration, hooks and stash are its
 * own: nothing done in it reaches the store. Costs the checkout of the files, not a copy of history.
 * Runs no filter: files are written as stored.
 */
export async function cloneShared(options: CloneSharedOptions): Promise<void> {
  const { directory, commit, branch, identity } = options;
  await mkdir(directory, { recursive: true });
  const call = { ...callOptions(options), cwd: directory };
  await runGit({ ...call, args: ['init', '--quiet', '--template=', `--initial-branch=${branch}`] });
  const gitDir = join(resolve(directory), '.git');
  const objects = join(commonGitDir(options.store), 'objects');
  await mkdir(join(gitDir, 'objects', 'info'), { recursive: true });
  await writeFile(join(gitDir, 'objects', 'info', 'alternates'), `${objects}\n`);
  const settings = { 'user.name': identity.name, 'user.email': identity.email, 'gc.auto': '0' };
  for (const [name, value] of Object.entries(settings)) {
    await runGit({ ...call, args: ['config', '--local', name, value] });
  }
  await runGit({ ...call, args: ['update-ref', `refs/heads/${branch}`, commit] });
  await runGit({ ...call, args: ['reset', '--hard', '--quiet', '--no-recurse-submodules'] });
}
