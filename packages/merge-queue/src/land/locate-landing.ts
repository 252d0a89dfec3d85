import type { CommitSha } from '@agentswarm/core';
import type { LandingRepository } from '../repository/landing-repository.ts';

type Reader = Pick<LandingRepository, 'firstParents' | 'relate' | 'messageOf'>;

/**
 * Finds the commit that brought a head onto the first-parent history of a tip that contains it: its
 * merge commit, or the head itself when the target was moved to it, or whatever brought it along.
 */
export async function locateLanding(
  repository: Reader,
  { tip, head }: { readonly tip: CommitSha; readonly head: CommitSha },
): Promise<CommitSha> {
  const chain = (await repository.firstParents(head, tip)).toReversed();
  const merge = chain.find(({ parents }) => parents.slice(1).includes(head));
  if (merge !== undefined) return merge.commit;
  if (chain.length === 0 || chain[0]?.parents[0] === head) return head;
  // It came inside another branch. Whether a commit contains it is monotone along the chain.
  let [low, high] = [0, chain.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const commit = chain[middle]?.commit ?? tip;
    const [facts] = await repository.relate(commit, [head]);
    if (facts?.relation === 'contained') high = middle;
    else low = middle + 1;
  }
  return chain[low]?.commit ?? tip;
}
