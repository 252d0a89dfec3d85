import type { CommitSha } from '@agentswarm/core';
import type { LandingRepository } from '../repository/landing-repository.ts';
import type { MergeIntents } from './conflict-resolver.ts';
import type { MergeAttempt } from './merge-attempt.ts';

/** How far back messages are looked for, on each side. */
const MAX_COMMITS = 30;

/** Collects why both sides changed what they changed. */
export async function collectIntents(
  store: Pick<LandingRepository, 'firstParents' | 'messageOf' | 'diff'>,
  { entry, onto, head, base, merged }: MergeAttempt,
): Promise<MergeIntents> {
  const paths = new Set(merged.kind === 'clean' ? [] : merged.conflicts.map(({ path }) => path));
  const since = async (from: CommitSha, to: CommitSha) =>
    (await store.firstParents(from, to)).slice(0, MAX_COMMITS);
  if (base === undefined) return { ours: [], theirs: entry.intent === undefined ? [] : [entry.intent] };
  const ours: string[] = [];
  for (const { commit, parents } of await since(base, onto)) {
    const [parent] = parents;
    const changes = parent === undefined ? [] : await store.diff(parent, commit);
    if (changes.some(({ path }) => paths.has(path))) ours.push(await store.messageOf(commit));
  }
  const own = await since(base, head);
  const theirs =
    entry.intent === undefined
      ? await Promise.all(own.map(({ commit }) => store.messageOf(commit)))
      : [entry.intent];
  return { ours, theirs };
}
