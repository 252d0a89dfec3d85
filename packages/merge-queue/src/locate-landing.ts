import type { CommitSha } from '@agentswarm/core';
import { firstParentChain, isAncestor } from '@agentswarm/git';

/**
 * Finds the commit that brought a head onto the first-parent history of a tip: its merge commit, or
 * the head itself when main was moved to it. Undefined when the tip does not contain the head.
 */
export async function locateLanding(options: {
  readonly repository: string;
  readonly tip: CommitSha;
  readonly head: CommitSha;
  readonly signal?: AbortSignal;
}): Promise<CommitSha | undefined> {
  const { repository, tip, head } = options;
  const on = { repository, ...(options.signal === undefined ? {} : { signal: options.signal }) };
  const contains = (descendant: CommitSha) => isAncestor({ ...on, ancestor: head, descendant });
  if (!(await contains(tip))) return undefined;
  const chain = (await firstParentChain({ ...on, from: head, to: tip })).toReversed();
  const merge = chain.find(({ parents }) => parents.slice(1).includes(head));
  if (merge !== undefined) return merge.commit;
  if (chain.length === 0 || chain[0]?.parents[0] === head) return head;
  // It came inside another branch. Whether a commit contains it is monotone along the chain.
  let [low, high] = [0, chain.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const commit = chain[middle]?.commit ?? tip;
    if (await contains(commit)) high = middle;
    else low = middle + 1;
  }
  return chain[low]?.commit;
}
