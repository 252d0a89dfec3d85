import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CommitSha } from '@agentswarm/core';
import { resolveRevision } from './branches.ts';
import type { Identity } from './commit-tree.ts';
import { commitTree } from './commit-tree.ts';
import { GitError } from './errors.ts';
import { findRepositoryRoot } from './find-repository.ts';
import { localEnvironment } from './hardening.ts';
import { treeOf } from './history.ts';
import { commonGitDir, openNeutralView } from './neutral-view.ts';
import { parseSha } from './refs.ts';
import { callOptions, runGit, textOf, type CallOptions } from './run-git.ts';
import { inheritedEnvironment } from './spawn.ts';
import { openWorkTree } from './work-tree.ts';

/**
 * Commits what a work tree holds on top of its current commit, untracked files included, not those
 * that the person's own git ignores.
 * Index, HEAD and refs stay as they are, and no filter runs. The current commit itself when nothing differs.
 *
 * @throws {GitError} GIT_NOT_A_REPOSITORY when there is no work tree or no commit.
 */
export async function captureWorkTree(
  options: CallOptions & { readonly workdir: string; readonly message: string; readonly author: Identity },
): Promise<CommitSha> {
  const { workdir, message, author } = options;
  const found = await findRepositoryRoot({ ...callOptions(options), path: workdir });
  const head =
    found.kind === 'top' || found.kind === 'subfolder'
      ? await resolveRevision({ workdir, revision: 'HEAD' })
      : undefined;
  if (found.kind === 'none' || head === undefined) {
    throw new GitError('GIT_NOT_A_REPOSITORY', `not a work tree with a commit: ${workdir}`);
  }
  const { root: repository } = found;
  const tree = await writeTree(repository, options);
  if (tree === (await treeOf({ repository, commit: head }))) return head;
  return await commitTree({ ...callOptions(options), repository, tree, parents: [head], message, author });
}

async function writeTree(root: string, options: CallOptions): Promise<CommitSha> {
  using view = openNeutralView(root);
  const { gitDir } = view;
  const own = textOf(await runGit({ cwd: root, args: ['rev-parse', '--absolute-git-dir'] }));
  // What git knows of the files on disk saves reading them all.
  copyWhereThere(join(own, 'index'), join(gitDir, 'index'));
  writeFileSync(join(gitDir, 'info', 'exclude'), (await readExcludes(root)).join('\n'));
  const call = {
    ...callOptions(options),
    gitDir,
    cwd: root,
    config: ['core.bare=false'],
    env: { ...localEnvironment(), GIT_WORK_TREE: root },
  };
  await runGit({ ...call, args: ['add', '--all'] });
  return parseSha(textOf(await runGit({ ...call, args: ['write-tree'] })));
}

/** What the person's own git ignores besides the files `.gitignore`; of two patterns the later one decides. */
async function readExcludes(root: string): Promise<string[]> {
  const git = openWorkTree({ workdir: root });
  const ask = ['config', '--path', '--get', 'core.excludesFile'] as const;
  const configured = (await git.attempt(...ask)) === 0 ? (await git.run(...ask)).trim() : undefined;
  const { HOME = '', XDG_CONFIG_HOME } = inheritedEnvironment();
  const usual = join(XDG_CONFIG_HOME || join(HOME, '.config'), 'git', 'ignore');
  const files = [resolve(root, configured ?? usual), join(commonGitDir(root), 'info', 'exclude')];
  return files
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
    .map((file) => readFileSync(file, 'utf8'));
}

function copyWhereThere(from: string, to: string): void {
  if (existsSync(from)) copyFileSync(from, to);
}
