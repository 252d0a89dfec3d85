import type { BranchName } from '@agentswarm/core';
import { fetchCommits, initBareRepository, resolveRef, type RemoteCredential } from '@agentswarm/git';

/** Makes sure the store exists and has the remote's main and its history. */
export async function prepareStore(options: {
  readonly store: string;
  /** The target itself; most objects come from here, cheaply. */
  readonly repository: string;
  readonly remote: string;
  readonly branch: BranchName;
  readonly credential?: RemoteCredential;
  readonly signal?: AbortSignal;
}): Promise<void> {
  const { store, branch, credential, signal } = options;
  await initBareRepository({ directory: store });
  const common = { repository: store, fsck: false, ...(signal ? { signal } : {}) };
  const source = `refs/heads/${branch}`;
  await fetchCommits({
    ...common,
    from: options.repository,
    refs: [{ source, destination: 'refs/agentswarm/local' }],
  });
  await fetchCommits({
    ...common,
    from: options.remote,
    refs: [{ source, destination: 'refs/agentswarm/remote' }],
    ...(credential ? { credential } : {}),
  });
}

/** Makes the repository that stands in for a remote; one that exists keeps its landings. */
export async function prepareLandingRepository(options: {
  readonly landing: string;
  readonly source: string;
  readonly branch: BranchName;
}): Promise<void> {
  const { landing, branch } = options;
  await initBareRepository({ directory: landing, defaultBranch: branch });
  const ref = `refs/heads/${branch}`;
  if ((await resolveRef({ repository: landing, ref })) !== undefined) return;
  await fetchCommits({
    repository: landing,
    from: options.source,
    refs: [{ source: ref, destination: ref }],
    fsck: false,
  });
}
