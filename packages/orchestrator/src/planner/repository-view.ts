import type { CommitSha, Feature } from '@agentswarm/core';
import { getRecentCommits, listTree, readBlob } from '@agentswarm/git';
import type { RepositoryView } from './planner-prompt.ts';

const RECENT_COMMITS = 40;

/** Reads what the planner is shown of main, without a work tree. */
export async function readRepositoryView(
  at: { readonly repository: string; readonly commit: CommitSha },
  features: readonly Feature[],
): Promise<RepositoryView> {
  const [spec, files, recentCommits] = await Promise.all([
    readBlob({ ...at, path: 'SPEC.md' }),
    listTree(at),
    getRecentCommits({ workdir: at.repository, ref: at.commit, limit: RECENT_COMMITS }),
  ]);
  return {
    spec: spec?.toString('utf8') ?? '',
    features,
    files: files.map((entry) => entry.path),
    recentCommits: recentCommits.map((commit) => commit.subject),
  };
}
