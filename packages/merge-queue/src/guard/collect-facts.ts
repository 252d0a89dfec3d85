import { posix } from 'node:path';
import type { CommitSha } from '@agentswarm/core';
import type { BlobVersion, HeadFacts, TreeChange } from '@agentswarm/git';
import type { LandingRepository } from '../repository/landing-repository.ts';
import { hasConflictMarkers } from '../resolve/conflict-markers.ts';
import type { BranchFacts, ChangedPath, OwnCommit } from './branch-facts.ts';
import type { TargetHistory } from './target-history.ts';

/** Larger files are not looked into: they are no text anybody merges by hand. */
const MAX_TEXT_BYTES = 1_000_000;
const SUBMODULE = '160000';

/** Finds out what a branch does. Reads what it changed, and nothing it did not. */
export async function collectFacts(
  repository: LandingRepository,
  history: TargetHistory,
  { tip, facts }: { readonly tip: CommitSha; readonly facts: HeadFacts },
): Promise<BranchFacts> {
  const { head } = facts;
  const base = await newestFork(repository, facts);
  const [changes, own] = await Promise.all([repository.diff(base, head), ownCommits(repository, facts)]);
  await history.load(tip);
  return {
    head,
    hasMerges: own.length < facts.commits.length,
    commits: own,
    changes: await Promise.all(
      (await withSizes(repository, changes)).map((change) => look(repository, head, change)),
    ),
    wasOnTarget: (path, version) => history.had(path, version),
  };
}

/** The commit of the target that has most of what the branch is built on: the last one it merged, or its fork. */
async function newestFork(repository: LandingRepository, { frontier, head }: HeadFacts): Promise<CommitSha> {
  let [newest = head] = frontier;
  for (const candidate of frontier.slice(1)) {
    const [facts] = await repository.relate(candidate, [newest]);
    if (facts?.relation === 'contained') newest = candidate;
  }
  return newest;
}

async function ownCommits(
  repository: LandingRepository,
  { commits }: HeadFacts,
): Promise<readonly OwnCommit[]> {
  const found = await Promise.all(
    commits.map(async (commit) => {
      const [parent, ...others] = await repository.parentsOf(commit);
      if (parent === undefined || others.length > 0) return [];
      const paths = new Set((await repository.diff(parent, commit)).map(({ path }) => path));
      return [{ message: await repository.messageOf(commit), paths }];
    }),
  );
  return found.flat();
}

async function withSizes(
  repository: LandingRepository,
  changes: readonly TreeChange[],
): Promise<readonly ChangedPath[]> {
  const readable = changes.flatMap(({ after }) =>
    after === undefined || after.mode === SUBMODULE ? [] : [after.object],
  );
  const sizes = await repository.sizesOf(readable);
  const bytesOf = new Map(readable.map((object, index) => [object, sizes[index]]));
  return changes.map((change) => {
    const bytes = change.after === undefined ? undefined : bytesOf.get(change.after.object);
    return bytes === undefined ? change : { ...change, bytes };
  });
}

async function look(
  repository: LandingRepository,
  head: CommitSha,
  change: ChangedPath,
): Promise<ChangedPath> {
  const { path, before, after, bytes } = change;
  if (after === undefined) return change;
  const text = bytes === undefined || bytes > MAX_TEXT_BYTES ? undefined : await textOf(repository, after);
  const textBefore =
    text !== undefined && before !== undefined && hasConflictMarkers(text)
      ? await textOf(repository, before)
      : undefined;
  const siblings = before === undefined ? await repository.namesIn(head, directoryOf(path)) : undefined;
  return {
    ...change,
    ...(text === undefined ? {} : { text }),
    ...(textBefore === undefined ? {} : { textBefore }),
    ...(siblings === undefined ? {} : { siblings }),
  };
}

/** Undefined for what is no text. */
async function textOf(
  repository: LandingRepository,
  { mode, object }: BlobVersion,
): Promise<string | undefined> {
  if (mode === SUBMODULE) return undefined;
  const content = await repository.readBlob(object);
  return content.includes(0) ? undefined : content.toString('utf8');
}

function directoryOf(path: string): string {
  const directory = posix.dirname(path);
  return directory === '.' ? '' : directory;
}
