import { isRepoPath } from '@agentswarm/core';
import type { TreeChange } from '@agentswarm/git';
import { isLink, isSubmodule, type BranchFacts } from './branch-facts.ts';
import { refusal, type Finding } from './finding.ts';
import { isSafeLink } from './link-target.ts';
import { foldName, prefixesOf } from './path-names.ts';

/**
 * Paths that some system would not check out as what they are: names inside `.git` or with control
 * characters, links that leave the tree, names that differ from others in case or in the form of their
 * accents only, submodules `.gitmodules` says nothing about. What main has already is not judged. A name
 * that is no UTF-8 is fine.
 */
export function checkPaths(facts: BranchFacts): readonly Finding[] {
  const added = facts.changes.filter(({ before, after }) => before === undefined && after !== undefined);
  const message = 'not every system could check these paths out as what they are';
  return refusal('unsafe_path', message, [
    ...pathsOf(added.filter(({ path }) => !isRepoPath(path))),
    ...pathsOf(facts.changes.filter((change) => leavesTree(change, facts))),
    ...pathsOf(facts.changes.filter((change) => isUndeclaredSubmodule(change, facts))),
    ...findCollisions(pathsOf(added), facts),
  ]);
}

function pathsOf(changes: readonly TreeChange[]): readonly string[] {
  return changes.map(({ path }) => path);
}

function leavesTree({ path, after }: TreeChange, { contents }: BranchFacts): boolean {
  if (!isLink(after)) return false;
  const target = contents.get(after.object);
  // One that was not read is larger than any path.
  return target === undefined || !isSafeLink(path, target.toString('utf8'));
}

function isUndeclaredSubmodule(
  { path, before, after }: TreeChange,
  { gitmodules = '' }: BranchFacts,
): boolean {
  if (!isSubmodule(after) || isSubmodule(before)) return false;
  const declared = [...gitmodules.matchAll(/^\s*path\s*=\s*(.*?)\s*$/gm)].map(([, name]) => name);
  return !declared.includes(path);
}

/** Added paths that another spelling of the same name, or of a directory they are in, stays beside. */
function findCollisions(added: readonly string[], { changes, spellings }: BranchFacts): readonly string[] {
  if (added.length === 0) return [];
  const gone = countPrefixes(
    pathsOf(changes.filter(({ before, after }) => before !== undefined && after === undefined)),
  );
  const mine = new Map<string, Set<string>>();
  for (const prefix of added.flatMap(prefixesOf)) {
    const folded = foldName(prefix);
    mine.set(folded, (mine.get(folded) ?? new Set()).add(prefix));
  }
  return added.filter((path) =>
    prefixesOf(path).some((prefix) => {
      const folded = foldName(prefix);
      const onMain = [...(spellings.get(folded) ?? [])].filter(
        ([spelling, count]) => spelling !== prefix && count > (gone.get(spelling) ?? 0),
      );
      return onMain.length > 0 || (mine.get(folded)?.size ?? 0) > 1;
    }),
  );
}

function countPrefixes(paths: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const prefix of paths.flatMap(prefixesOf)) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  return counts;
}
