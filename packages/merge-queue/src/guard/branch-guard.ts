import type { CommitSha } from '@agentswarm/core';
import type { HeadFacts } from '@agentswarm/git';
import type { QueueEntry } from '../entry/queue-entry.ts';
import type { LandingRepository } from '../repository/landing-repository.ts';
import type { BranchFacts } from './branch-facts.ts';
import { checkConflictMarkers, checkFileSizes, checkPaths, checkScope } from './check-content.ts';
import { checkReverts } from './check-reverts.ts';
import { collectFacts } from './collect-facts.ts';
import type { GuardFinding } from './finding.ts';
import type { GuardPolicy } from './guard-policy.ts';
import { TargetHistory } from './target-history.ts';

/** Looks at a branch before it may stand in line. */
export type BranchGuard = (request: {
  readonly tip: CommitSha;
  readonly entry: QueueEntry;
  readonly facts: HeadFacts;
}) => Promise<readonly GuardFinding[]>;

/** Everything the guards have to say about a branch. Pure. */
export function checkBranch(facts: BranchFacts, policy: GuardPolicy = {}): readonly GuardFinding[] {
  return [
    ...checkReverts(facts),
    ...checkConflictMarkers(facts),
    ...checkScope(facts, policy),
    ...checkFileSizes(facts, policy),
    ...checkPaths(facts),
  ];
}

/** Makes the guard of a queue. */
export function createBranchGuard(repository: LandingRepository, policy: GuardPolicy): BranchGuard {
  const history = new TargetHistory(repository);
  return async ({ tip, facts }) =>
    checkBranch(await collectFacts(repository, history, { tip, facts }), policy);
}
