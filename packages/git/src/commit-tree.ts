import type { CommitSha } from '@agentswarm/core';
import { localEnvironment } from './hardening.ts';
import { parseSha } from './refs.ts';
import { runInView, type RepositoryOptions } from './read-repository.ts';
import { textOf } from './run-git.ts';

/** Who made a commit. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/**
 * Writes a commit object and gives its name; no ref is touched.
 * `dateMs` (Unix epoch, cut to seconds) makes the result a function of the arguments; default now.
 */
export async function commitTree(
  options: RepositoryOptions & {
    readonly tree: CommitSha;
    readonly parents: readonly CommitSha[];
    readonly message: string;
    readonly author: Identity;
    /** Default the author. */
    readonly committer?: Identity;
    readonly dateMs?: number;
  },
): Promise<CommitSha> {
  const parents = options.parents.flatMap((parent) => ['-p', parent]);
  const result = await runInView(options, {
    args: ['commit-tree', options.tree, ...parents, '-F', '-'],
    stdin: options.message,
    env: { ...localEnvironment(), ...identityEnvironment(options) },
  });
  return parseSha(textOf(result));
}

function identityEnvironment(options: {
  readonly author: Identity;
  readonly committer?: Identity;
  readonly dateMs?: number;
}): Record<string, string> {
  const { author, committer = author, dateMs } = options;
  const date = dateMs === undefined ? undefined : `${Math.floor(dateMs / 1000)} +0000`;
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
    ...(date === undefined ? {} : { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date }),
  };
}
