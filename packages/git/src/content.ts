import type { CommitSha } from '@agentswarm/core';
import { GitError } from './errors.ts';
import { openNeutralView } from './neutral-view.ts';
import { parseSha } from './refs.ts';
import { runInView, type RepositoryOptions } from './read-repository.ts';
import { callOptions, nulFields, runGit, safeArgument, textOf } from './run-git.ts';

/** One file, link or submodule in a tree. */
export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly type: 'blob' | 'commit';
  readonly object: CommitSha;
}

/** Lists every entry below a commit or tree; directories are not listed themselves. */
export async function listTree(
  options: RepositoryOptions & { readonly commit: string },
): Promise<readonly TreeEntry[]> {
  const args = ['ls-tree', '-r', '-z', '--full-tree', safeArgument(options.commit, 'commit')];
  return nulFields(await runInView(options, { args })).map(parseTreeEntry);
}

/**
 * Reads a file of a commit or tree as stored: no filter, no line-end conversion. Undefined when the
 * path does not exist or is no file; a symbolic link gives its target.
 *
 * @throws {GitError} `GIT_OUTPUT_TOO_LARGE` above `maxBytes` (default 64 MiB).
 */
export async function readBlob(
  options: RepositoryOptions & { readonly commit: string; readonly path: string; readonly maxBytes?: number },
): Promise<Buffer | undefined> {
  using view = openNeutralView(options.repository);
  const on = { ...callOptions(options), gitDir: view.gitDir };
  const listing = [
    'ls-tree',
    '-z',
    '--full-tree',
    safeArgument(options.commit, 'commit'),
    '--',
    options.path,
  ];
  const found = nulFields(await runGit({ ...on, args: ['--literal-pathspecs', ...listing] }))
    .map((field) => field.split('\t', 1)[0]?.split(' ') ?? [])
    .find(([, type]) => type === 'blob');
  if (found === undefined) return undefined;
  const object = parseSha(found[2] ?? '');
  const maxOutputBytes = options.maxBytes ?? 64 * 1024 * 1024;
  return (await runGit({ ...on, args: ['cat-file', 'blob', object], maxOutputBytes })).stdout;
}

/**
 * Writes a tree that equals `base` (commit or tree) except for one file, and gives its name. No work
 * tree is involved; an existing file keeps its mode.
 *
 * @throws {GitError} `GIT_FAILED` when the path is not one git accepts, such as one with `..`.
 */
export async function writeBlobIntoTree(
  options: RepositoryOptions & {
    readonly base: string;
    readonly path: string;
    readonly content: string | Uint8Array;
  },
): Promise<CommitSha> {
  using view = openNeutralView(options.repository);
  const on = { ...callOptions(options), gitDir: view.gitDir };
  const blob = parseSha(
    textOf(await runGit({ ...on, args: ['hash-object', '-w', '--stdin'], stdin: options.content })),
  );
  // The index lives in the view, which is ours alone and goes with it.
  await runGit({ ...on, args: ['read-tree', safeArgument(options.base, 'commit')] });
  const staged = nulFields(
    await runGit({ ...on, args: ['--literal-pathspecs', 'ls-files', '-s', '-z', '--', options.path] }),
  );
  const mode = staged.map((field) => field.split(' ', 1)[0]).find((value) => value?.startsWith('100'));
  const line = `${mode ?? '100644'} ${blob}\t${options.path}\0`;
  await runGit({ ...on, args: ['update-index', '-z', '--index-info'], stdin: line });
  return parseSha(textOf(await runGit({ ...on, args: ['write-tree'] })));
}

function parseTreeEntry(field: string): TreeEntry {
  const tab = field.indexOf('\t');
  const [mode = '', type = '', object = ''] = field.slice(0, tab).split(' ');
  if (type !== 'blob' && type !== 'commit') {
    throw new GitError('GIT_UNEXPECTED_OUTPUT', `unknown tree entry type: ${type}`);
  }
  return { path: field.slice(tab + 1), mode, type, object: parseSha(object) };
}
