import type { CommitSha, RefusalReason } from '@agentswarm/core';
import type { HeadFacts } from '@agentswarm/git';
import type { QueueEntry } from '../entry/queue-entry.ts';
import type { LandingRepository } from '../repository/landing-repository.ts';
import type { GuardPolicy } from './guard-policy.ts';

/** What a guard noticed about a branch. */
type GuardFinding =
  | {
      readonly kind: 'refuse';
      readonly reason: RefusalReason;
      readonly message: string;
      readonly paths: readonly string[];
    }
  | {
      readonly kind: 'warn';
      readonly reason: 'unexplained_changes';
      readonly message: string;
      readonly paths: readonly string[];
    };

/** Looks at a branch before it may stand in line. */
export type BranchGuard = (request: {
  readonly tip: CommitSha;
  readonly entry: QueueEntry;
  readonly facts: HeadFacts;
}) => Promise<readonly GuardFinding[]>;

/** Makes the guard of a queue. */
export function createBranchGuard(_repository: LandingRepository, _policy: GuardPolicy): BranchGuard {
  return () => Promise.resolve([]);
}
