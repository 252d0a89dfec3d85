import { findUndeclaredFiles, isInScope } from '@agentswarm/core';
import type { BranchFacts } from './branch-facts.ts';
import { refusal, type Finding } from './finding.ts';
import type { GuardPolicy } from './guard-policy.ts';
import { foldName } from './path-names.ts';

/** Paths a branch may not touch: what nobody may, and what is not its own. */
export function checkScope({ changes }: BranchFacts, policy: GuardPolicy): readonly Finding[] {
  const { forbidden = [], scope, shared = [] } = policy;
  const paths = changes.map(({ path }) => path);
  // Where case does not count, another spelling is the same file.
  const folded = forbidden.map(foldName);
  const taboo = paths.filter((path) => isInScope(foldName(path), folded));
  const outside = scope === undefined ? [] : findUndeclaredFiles(paths, { scope, shared, forbidden: [] });
  return [
    ...refusal('forbidden_path', 'no branch may change these paths', taboo),
    ...refusal('outside_scope', 'the branch changes paths outside its scope', outside),
  ];
}
