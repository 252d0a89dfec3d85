import { isInScope } from '@agentswarm/core';
import type { BranchFacts } from './branch-facts.ts';
import { refusal, type GuardFinding } from './finding.ts';
import type { GuardPolicy } from './guard-policy.ts';
import { foldName } from './path-names.ts';

/** Paths a branch may not touch: what nobody may, and what is not its own. */
export function checkScope(
  { changes }: BranchFacts,
  { forbidden = [], scope }: GuardPolicy,
): readonly GuardFinding[] {
  const paths = changes.map(({ path }) => path);
  // Where case does not count, another spelling is the same file.
  const folded = forbidden.map(foldName);
  const taboo = paths.filter((path) => isInScope(foldName(path), folded));
  const outside = scope === undefined ? [] : paths.filter((path) => !isInScope(path, scope));
  return [
    ...refusal('forbidden_path', 'it changes paths that nobody may change', taboo),
    ...refusal('outside_scope', 'it changes paths outside its scope', outside),
  ];
}
