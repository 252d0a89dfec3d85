import type { BranchFacts } from './branch-facts.ts';
import { checkMarkers } from './check-markers.ts';
import { checkPaths } from './check-paths.ts';
import { checkReverts } from './check-reverts.ts';
import { checkScope } from './check-scope.ts';
import { checkSizes } from './check-sizes.ts';
import type { GuardFinding } from './finding.ts';
import type { GuardPolicy } from './guard-policy.ts';

/** Judges a branch by its facts, before anything of it is run. At most one finding for each reason. */
export function checkBranch(facts: BranchFacts, policy: GuardPolicy = {}): readonly GuardFinding[] {
  return [
    ...checkReverts(facts),
    ...checkMarkers(facts),
    ...checkScope(facts, policy),
    ...checkSizes(facts, policy),
    ...checkPaths(facts),
  ];
}
