import { randomUUID } from 'node:crypto';
import type { CommitSha } from '@agentswarm/core';
import { remoteAccess, type RemoteCredential } from './credential.ts';
import { GitError } from './errors.ts';
import { commonGitDir, openNeutralView, type NeutralView } from './neutral-view.ts';
import type { RepositoryOptions } from './read-repository.ts';
import { deleteRef, listRefs, updateRef, resolveRef } from './refs.ts';
import { localPathOf } from './remote-url.ts';
import { callOptions, runGit, safeArgument } from './run-git.ts';

/** One ref to import. */
export interface FetchRef {
  /** Full ref in the source. */
  readonly source: string;
  /** Full ref it gets here; overwritten when it exists. */
  readonly destination: string;
  /** The only commit that is acceptable. */
  readonly expected?: CommitSha;
}

export interface FetchOptions extends RepositoryOptions {
  /** Path, URL, or the name of a remote configured in the repository. */
  readonly from: string;
  readonly refs: readonly FetchRef[];
  readonly credential?: RemoteCredential;
  /** Checks every new object strictly, as `git fsck --strict` does. Default true; needed for sources that are not trusted. */
  readonly fsck?: boolean;
}

/**
 * Imports commits from another repository and gives the commit of each destination ref, in order.
 *
 * Nothing of the source is executed: a local one is read through a view without its configuration.
 * No tags, submodules or hooks. Destination refs are only written after the whole import was checked.
 *
 * @throws {GitError} `GIT_FAILED` when a ref is missing or an object is refused by fsck;
 *   `GIT_UNEXPECTED_COMMIT` when a ref is not at the expected commit. No destination is changed then.
 */
export async function fetchCommits(options: FetchOptions): Promise<readonly CommitSha[]> {
  const incoming = `refs/agentswarm/incoming/${randomUUID()}`;
  try {
    await download(options, incoming);
    const commits = await Promise.all(options.refs.map((_, index) => arrived(options, incoming, index)));
    for (const [index, { destination }] of options.refs.entries()) {
      const commit = commits[index];
      if (commit !== undefined) await overwrite(options, destination, commit);
    }
    return commits;
  } finally {
    await removeIncoming(options.repository, incoming);
  }
}

async function download(options: FetchOptions, incoming: string): Promise<void> {
  const gitDir = commonGitDir(options.repository);
  const path = localPathOf(options.from);
  using view = path === undefined ? noView(options.from) : openNeutralView(path);
  const call = { ...callOptions(options), gitDir };
  const { config, env } = await remoteAccess({
    ...call,
    remote: options.from,
    ...(options.credential === undefined ? {} : { credential: options.credential }),
  });
  const fsck = options.fsck ?? true;
  const flags = ['--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--refmap=', '--quiet'];
  const specs = options.refs.map(
    ({ source }, index) => `+${safeArgument(source, 'source ref')}:${incoming}/${index}`,
  );
  await runGit({
    ...call,
    env,
    config: [...config, `transfer.fsckObjects=${fsck}`, `fetch.fsckObjects=${fsck}`],
    args: ['fetch', ...flags, '--', view.gitDir, ...specs],
  });
}

function noView(remote: string): NeutralView {
  return { gitDir: safeArgument(remote, 'remote'), [Symbol.dispose]: () => {} };
}

async function arrived(options: FetchOptions, incoming: string, index: number): Promise<CommitSha> {
  const commit = await resolveRef({ ...options, ref: `${incoming}/${index}` });
  const wanted = options.refs[index];
  if (commit === undefined) {
    throw new GitError('GIT_UNEXPECTED_COMMIT', `fetched ref is no commit: ${wanted?.source}`);
  }
  if (wanted?.expected !== undefined && wanted.expected !== commit) {
    throw new GitError('GIT_UNEXPECTED_COMMIT', `fetched ref is at another commit: ${wanted.source}`, {
      details: { ref: wanted.source, expected: wanted.expected, actual: commit },
    });
  }
  return commit;
}

async function overwrite(options: FetchOptions, ref: string, commit: CommitSha): Promise<void> {
  let old = await resolveRef({ ...options, ref });
  for (;;) {
    if (old === commit) return;
    const result = await updateRef({ ...options, ref, old: old ?? null, new: commit });
    if (result.kind === 'updated') return;
    old = result.actual;
  }
}

/** Also after an abort, so without the caller's signal. */
async function removeIncoming(repository: string, incoming: string): Promise<void> {
  for (const { ref, commit } of await listRefs({ repository, prefix: `${incoming}/` })) {
    await deleteRef({ repository, ref, old: commit });
  }
}
