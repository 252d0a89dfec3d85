import type { CommitSha } from '@agentswarm/core';
import type { HeadFacts } from '@agentswarm/git';
import type { LandingRepository } from '../repository/landing-repository.ts';
import { mergeMessage, rewrittenMessage, type LandingTrailers } from './messages.ts';

/** How a branch comes onto the target. */
export type LandingStrategy = 'merge-commit' | 'rebase' | 'fast-forward';

export interface LandingRequest extends LandingTrailers {
  readonly onto: CommitSha;
  readonly ontoTree: CommitSha;
  readonly facts: HeadFacts;
  readonly dateMs: number;
}

/** One merge commit: first parent what was there, second parent the head. */
export async function writeMerge(repository: LandingRepository, request: LandingRequest): Promise<CommitSha> {
  const { onto, tree, entry, dateMs } = request;
  return await repository.commit({
    tree,
    parents: [onto, entry.head],
    message: mergeMessage(request),
    dateMs,
  });
}

/**
 * The branch's own commits again, on top of `onto`, with their authors and messages. Merges among them
 * are left out and commits that change nothing any more too. Whatever the replay makes of them, the
 * last one has exactly the merged tree: where a commit does not apply by itself, it and the rest become
 * one.
 */
export async function writeRebased(
  repository: LandingRepository,
  request: LandingRequest,
): Promise<CommitSha> {
  const { entry, facts, dateMs } = request;
  const picks = await linearCommits(repository, entry.head, new Set(facts.commits));
  let [commit, tree] = [request.onto, request.ontoTree];
  for (const [index, pick] of picks.entries()) {
    if (index === picks.length - 1) break;
    const merged = await repository.merge({ onto: commit, head: pick.commit, base: pick.parent });
    if (merged.kind === 'conflicted') break;
    if (merged.tree === tree) continue;
    const message = await repository.messageOf(pick.commit);
    ({ tree } = merged);
    commit = await repository.commit({ tree, parents: [commit], message, dateMs, authorOf: pick.commit });
  }
  const last = picks.at(-1)?.commit ?? entry.head;
  const message = rewrittenMessage(await repository.messageOf(last), request);
  return await repository.commit({ tree: request.tree, parents: [commit], message, dateMs, authorOf: last });
}

interface Pick {
  readonly commit: CommitSha;
  readonly parent: CommitSha;
}

/** Commits with one parent, parents before children. */
async function linearCommits(
  repository: LandingRepository,
  head: CommitSha,
  own: ReadonlySet<CommitSha>,
): Promise<readonly Pick[]> {
  const picks: Pick[] = [];
  const seen = new Set<CommitSha>();
  const stack: { readonly commit: CommitSha; readonly parents?: readonly CommitSha[] }[] = [{ commit: head }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { commit, parents } = top;
    if (parents !== undefined) {
      const [parent] = parents;
      if (parents.length === 1 && parent !== undefined) picks.push({ commit, parent });
      continue;
    }
    if (seen.has(commit) || !own.has(commit)) continue;
    seen.add(commit);
    const found = await repository.parentsOf(commit);
    stack.push({ commit, parents: found }, ...found.toReversed().map((parent) => ({ commit: parent })));
  }
  return picks;
}
