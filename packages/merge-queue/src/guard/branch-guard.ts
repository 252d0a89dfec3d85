import type { CommitSha } from '@agentswarm/core';
import type { HeadFacts } from '@agentswarm/git';
import { oneAtATime } from '../one-at-a-time.ts';
import type { BranchSource } from './branch-source.ts';
import { checkBranch } from './check-branch.ts';
import { collectBranchFacts } from './collect-branch-facts.ts';
import type { GuardFinding } from './finding.ts';
import type { GuardPolicy } from './guard-policy.ts';
import { MainIndex } from './main-index.ts';

export interface GuardRequest {
  readonly tip: CommitSha;
  /** What relates the head to the tip; nothing is found about a head that is not `ahead` of it. */
  readonly facts: HeadFacts;
}

/** Looks at a branch before it may stand in line. One at a time is looked at. */
export type BranchGuard = (request: GuardRequest) => Promise<readonly GuardFinding[]>;

/**
 * Makes a guard. Its first look reads up to 1,000 commits of main's history; a look after that costs
 * what the branch and main changed since.
 */
export function createBranchGuard(source: BranchSource, policy: GuardPolicy = {}): BranchGuard {
  const main = new MainIndex(source);
  const inTurn = oneAtATime();
  const look = async (request: GuardRequest): Promise<readonly GuardFinding[]> => {
    if (request.facts.relation !== 'ahead') return [];
    await main.moveTo(request.tip);
    return checkBranch(await collectBranchFacts(source, { ...request, policy, main }), policy);
  };
  return (request) => inTurn(() => look(request));
}
