import { deleteRef, fetchCommits, listRefs } from '@agentswarm/git';
import type { FoundBranch } from './choose-branches.ts';
import type { LandRepository } from './open-repository.ts';

/** Where heads of a remote are kept while they are landed. */
const PREFIX = 'refs/agentswarm/land/';

/** Brings the heads of a remote's branches into the repository, checked; disposing removes their refs. */
export async function importHeads(
  { root, remote, credential }: LandRepository,
  branches: readonly FoundBranch[],
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  if (remote !== undefined && branches.length > 0) {
    const refs = branches.map(({ name, head }, index) => ({
      source: `refs/heads/${name}`,
      destination: `${PREFIX}${index}`,
      expected: head,
    }));
    const access = credential === undefined ? {} : { credential };
    await fetchCommits({ repository: root, from: remote, refs, ...access, signal });
  }
  return {
    [Symbol.asyncDispose]: async () => {
      for (const { ref, commit } of await listRefs({ repository: root, prefix: PREFIX })) {
        await deleteRef({ repository: root, ref, old: commit });
      }
    },
  };
}
