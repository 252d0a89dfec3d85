import type { BranchName } from '@agentswarm/core';
import {
  fetchCommits,
  initBareRepository,
  isAncestor,
  resolveRef,
  updateRef,
  type RemoteCredential,
} from '@agentswarm/git';

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

/**
 * Makes the repository that stands in for a remote. One that exists keeps its landings, and follows the
 * target where that only went ahead of it.
 */
export async function prepareLandingRepository(options: {
  readonly landing: string;
  readonly source: string;
  readonly branch: BranchName;
}): Promise<void> {
  const { landing: repository, source: from, branch } = options;
  await initBareRepository({ directory: repository, defaultBranch: branch });
  const ref = `refs/heads/${branch}`;
  const incoming = { source: ref, destination: 'refs/agentswarm/local' };
  const [local] = await fetchCommits({ repository, from, refs: [incoming], fsck: false });
  const landed = await resolveRef({ repository, ref });
  if (local === undefined || landed === local) return;
  const follows =
    landed === undefined || (await isAncestor({ repository, ancestor: landed, descendant: local }));
  if (follows) await updateRef({ repository, ref, old: landed ?? null, new: local });
}
