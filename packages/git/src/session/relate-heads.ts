import type { CommitSha } from '@agentswarm/core';
import type { HeadFacts } from './git-session.ts';

/** Parents of the commits that are reachable from some heads and not from the tip. */
export type OwnCommits = ReadonlyMap<CommitSha, readonly CommitSha[]>;

/** What the walk between heads and a tip says about one head that exists. */
export function factsOf(head: CommitSha, own: OwnCommits): HeadFacts {
  if (!own.has(head)) return { head, relation: 'contained', commits: [], frontier: [] };
  const commits = new Set<CommitSha>();
  const frontier = new Set<CommitSha>();
  const stack = [head];
  for (let commit = stack.pop(); commit !== undefined; commit = stack.pop()) {
    const parents = own.get(commit);
    if (parents === undefined) {
      frontier.add(commit);
    } else if (!commits.has(commit)) {
      commits.add(commit);
      stack.push(...parents);
    }
  }
  const relation = frontier.size === 0 ? 'unrelated' : 'ahead';
  return { head, relation, commits: relation === 'ahead' ? [...commits] : [], frontier: [...frontier] };
}
