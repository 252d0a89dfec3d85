import type { CommitSha } from '@agentswarm/core';
import type { BlobVersion, HeadFacts, TreeChange } from '@agentswarm/git';
import {
  isFile,
  isLink,
  isSameVersion,
  isSubmodule,
  type BranchFacts,
  type OwnCommit,
} from './branch-facts.ts';
import type { BranchSource } from './branch-source.ts';
import { isMarked } from './check-markers.ts';
import { findReturns } from './check-reverts.ts';
import { DEFAULT_MAX_FILE_BYTES, type GuardPolicy } from './guard-policy.ts';
import type { MainIndex } from './main-index.ts';
import { directoryOf } from './path-names.ts';

export interface CollectRequest {
  readonly tip: CommitSha;
  /** What relates the head to the tip, which must be `ahead` of it. */
  readonly facts: HeadFacts;
  readonly policy: GuardPolicy;
  /** Already at the tip. */
  readonly main: MainIndex;
}

/**
 * Reads what the checks of one branch need. An ordinary branch costs one comparison, and a look at each
 * file it changes; its commits are read only when there are several, and compared only when something
 * needs an explanation.
 */
export async function collectBranchFacts(
  source: BranchSource,
  request: CollectRequest,
): Promise<BranchFacts> {
  const { facts, policy } = request;
  const [written, parents] = await Promise.all([findChanges(source, request), parentsOfOwn(source, facts)]);
  const { changes } = written;
  const hasMerges = [...parents.values()].some(({ length }) => length > 1);
  const steps = await stepsOf(source, request, changes);
  const needsExplanation = hasMerges || findReturns(changes, steps).length > 0;
  const sizes = await sizesOf(source, changes);
  const [contents, gitmodules, names, ownCommits] = await Promise.all([
    contentsOf(source, changes, readable(sizes, policy)),
    gitmodulesOf(source, facts.head, changes),
    namesOf(source, request.tip, written),
    needsExplanation ? ownCommitsOf(source, parents) : [],
  ]);
  return { changes, sizes, contents, gitmodules, steps, names, hasMerges, ownCommits };
}

/** What a branch changes: the difference of two trees. */
interface Written {
  readonly from: CommitSha;
  readonly to: CommitSha;
  readonly changes: readonly TreeChange[];
}

/** A branch built on one commit of main changes what differs from it; what another one changes, only a merge tells. */
async function findChanges(
  source: BranchSource,
  { tip, facts: { head, frontier } }: CollectRequest,
): Promise<Written> {
  const [base = tip, ...others] = frontier;
  if (others.length === 0) return { from: base, to: head, changes: await source.diff(base, head) };
  const merged = await source.merge({ onto: tip, head });
  const all = await source.diff(tip, merged.tree);
  if (merged.kind === 'clean') return { from: tip, to: merged.tree, changes: all };
  // The merged tree has markers of git's own there: the branch is judged by its side.
  const conflicts = new Map(merged.conflicts.map((conflict) => [conflict.path, conflict]));
  const sides = [...conflicts.values()]
    .filter(({ base: from, theirs }) => !isSameVersion(from, theirs))
    .map(({ path, base: from, theirs }) => changeOf(path, from, theirs));
  const changes = [...all.filter(({ path }) => !conflicts.has(path)), ...sides];
  return { from: tip, to: merged.tree, changes: changes.toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
}

function changeOf(path: string, before: BlobVersion | undefined, after: BlobVersion | undefined): TreeChange {
  return { path, ...(before ? { before } : {}), ...(after ? { after } : {}) };
}

/**
 * What main replaced at the changed paths, oldest first. A branch that was built on several commits of
 * main may bring back any of them, be it older than the window of the index.
 */
async function stepsOf(
  source: BranchSource,
  { tip, facts: { frontier }, main }: CollectRequest,
  changes: readonly TreeChange[],
): Promise<BranchFacts['steps']> {
  const since =
    frontier.length === 1 ? [] : await Promise.all(frontier.map((from) => source.diff(from, tip)));
  const sums = Map.groupBy(since.flat(), ({ path }) => path);
  return new Map(
    changes
      .map(({ path }) => [path, [...(sums.get(path) ?? []), ...main.stepsAt(path)]] as const)
      .filter(([, { length }]) => length > 0),
  );
}

type Parents = ReadonlyMap<CommitSha, readonly CommitSha[]>;

async function parentsOfOwn(source: BranchSource, { commits, frontier }: HeadFacts): Promise<Parents> {
  const [only, ...others] = commits;
  // Nothing to ask: it stands on the only commit of main that anything of the branch stands on.
  if (only !== undefined && others.length === 0 && frontier.length === 1) return new Map([[only, frontier]]);
  return new Map(
    await Promise.all(commits.map(async (commit) => [commit, await source.parentsOf(commit)] as const)),
  );
}

async function ownCommitsOf(source: BranchSource, parents: Parents): Promise<readonly OwnCommit[]> {
  const simple = [...parents].flatMap(([commit, [parent, ...others]]) =>
    parent === undefined || others.length > 0 ? [] : [{ commit, parent }],
  );
  return await Promise.all(
    simple.map(async ({ commit, parent }) => {
      const [message, changes] = await Promise.all([source.messageOf(commit), source.diff(parent, commit)]);
      return { commit, message, changes };
    }),
  );
}

async function sizesOf(
  source: BranchSource,
  changes: readonly TreeChange[],
): Promise<ReadonlyMap<CommitSha, number>> {
  const objects = new Set(
    changes.flatMap(({ after }) => (after === undefined || isSubmodule(after) ? [] : [after.object])),
  );
  const asked = [...objects];
  const sizes = await source.sizesOf(asked);
  return new Map(
    asked.flatMap((object, index) => {
      const bytes = sizes[index];
      return bytes === undefined ? [] : [[object, bytes] as const];
    }),
  );
}

/** Whether a version is small enough to be read: what is larger is refused, or too large to be text somebody wrote. */
function readable(sizes: ReadonlyMap<CommitSha, number>, { maxFileBytes }: GuardPolicy) {
  const limit = Math.min(maxFileBytes ?? DEFAULT_MAX_FILE_BYTES, DEFAULT_MAX_FILE_BYTES);
  return ({ object }: BlobVersion) => (sizes.get(object) ?? Infinity) <= limit;
}

async function contentsOf(
  source: BranchSource,
  changes: readonly TreeChange[],
  isReadable: (version: BlobVersion) => boolean,
): Promise<ReadonlyMap<CommitSha, Buffer>> {
  const known = new Set(changes.flatMap(({ before }) => (before === undefined ? [] : [before.object])));
  const contents = new Map<CommitSha, Buffer>();
  const load = async (version: BlobVersion, isWanted: (content: Buffer) => boolean): Promise<boolean> => {
    const content = contents.get(version.object) ?? (await source.readBlob(version.object));
    if (content === undefined || !isWanted(content)) return false;
    contents.set(version.object, content);
    return true;
  };
  const inspect = async ({ before, after }: TreeChange): Promise<void> => {
    if (after === undefined || !isReadable(after)) return;
    if (isLink(after)) await load(after, () => true);
    // What was moved or copied as it was is nothing the branch wrote.
    else if (isFile(after) && !known.has(after.object) && (await load(after, isMarked))) {
      if (isFile(before)) await load(before, isMarked);
    }
  };
  await Promise.all(changes.map(inspect));
  return contents;
}

async function gitmodulesOf(
  source: BranchSource,
  head: CommitSha,
  changes: readonly TreeChange[],
): Promise<string | undefined> {
  if (!changes.some(({ before, after }) => isSubmodule(after) && !isSubmodule(before))) return undefined;
  const version = await source.versionAt(head, '.gitmodules');
  return isFile(version) ? (await source.readBlob(version.object))?.toString('utf8') : undefined;
}

/** Names beside what the branch adds. A directory main has is no new name in the one above it. */
async function namesOf(
  source: BranchSource,
  tip: CommitSha,
  { from, to, changes }: Written,
): Promise<BranchFacts['names']> {
  const names = new Map<string, readonly string[]>();
  const added = changes.filter(({ before, after }) => before === undefined && after !== undefined);
  const directories = new Set(added.map(({ path }) => directoryOf(path)));
  for (const directory of directories) {
    const [onMain, was, is] = await Promise.all(
      [tip, from, to].map((commit) => source.namesIn(commit, directory)),
    );
    const gone = new Set(was).difference(new Set(is));
    names.set(directory, [...new Set(onMain).difference(gone).union(new Set(is))]);
    // A set that grows while it is gone through: what is added gets its turn.
    if (onMain?.length === 0 && directory !== '') directories.add(directoryOf(directory));
  }
  return names;
}
