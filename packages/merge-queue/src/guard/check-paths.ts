import { isRepoPath } from '@agentswarm/core';
import type { TreeChange } from '@agentswarm/git';
import { isLink, isSubmodule, type BranchFacts } from './branch-facts.ts';
import { refusal, type GuardFinding } from './finding.ts';
import { isSafeLink } from './link-target.ts';
import { directoryOf, foldName, isPortableName } from './path-names.ts';

/**
 * Paths that some system would not check out as what they are: names inside `.git`, with control
 * characters, or that Windows keeps for itself; links that leave the tree; names that differ from others
 * in case or in the form of their accents only; submodules `.gitmodules` says nothing about. What main
 * has already is not judged. A name that is no UTF-8 is fine.
 */
export function checkPaths(facts: BranchFacts): readonly GuardFinding[] {
  const added = facts.changes.filter(({ before, after }) => before === undefined && after !== undefined);
  const message = 'it has paths that are not safe on every system, or links that leave the tree';
  return refusal('unsafe_path', message, [
    ...pathsOf(added.filter(({ path }) => !isRepoPath(path) || !path.split('/').every(isPortableName))),
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

/** Added paths that are in, or are themselves, one of several spellings of a name. */
function findCollisions(added: readonly string[], { names }: BranchFacts): readonly string[] {
  const ambiguous = new Set([...names].flatMap(([directory, inside]) => spelledTwice(directory, inside)));
  const isAmbiguous = (path: string): boolean =>
    path !== '' && (ambiguous.has(path) || isAmbiguous(directoryOf(path)));
  return ambiguous.size === 0 ? [] : added.filter(isAmbiguous);
}

function spelledTwice(directory: string, names: readonly string[]): readonly string[] {
  const spellings = [...Map.groupBy(names, foldName).values()].filter(({ length }) => length > 1);
  return spellings.flat().map((name) => (directory === '' ? name : `${directory}/${name}`));
}
