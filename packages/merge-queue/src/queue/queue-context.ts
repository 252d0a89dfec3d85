import type { BranchName, Clock, CommitSha, Logger } from '@agentswarm/core';
import type { HeadFacts } from '@agentswarm/git';
import type { Composer } from '../compose/composer.ts';
import type { HeadFactsCache } from '../compose/head-facts.ts';
import type { BranchGuard } from '../guard/branch-guard.ts';
import type { GateRuns } from '../judge/gate-runs.ts';
import type { LandingRepository } from '../repository/landing-repository.ts';
import type { AsideResolution } from './aside-resolution.ts';
import type { EventLog } from './event-log.ts';
import type { Settlement } from './settlement.ts';
import type { TipReader } from './tip.ts';

/** Finds the commit by which a head landed although it is no ancestor of the target. */
export interface RewrittenFinder {
  find(facts: HeadFacts, tip: CommitSha): Promise<CommitSha | undefined>;
}

/** For strategies that keep heads as they are: ancestry says it all. */
export const nothingRewritten: RewrittenFinder = { find: () => Promise.resolve(undefined) };

/** What the steps of a queue work with; one per queue. */
export interface QueueContext {
  readonly repository: LandingRepository;
  readonly settlement: Settlement;
  readonly facts: HeadFactsCache;
  readonly composer: Composer;
  readonly aside: AsideResolution;
  readonly runs: GateRuns;
  readonly tips: TipReader;
  /** Answers for the strategy that rewrites commits. */
  readonly rewritten: RewrittenFinder;
  readonly guard: BranchGuard | undefined;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly branch: BranchName;
  readonly allowRedTarget: boolean;
  readonly slots: number;
  readonly maxBatch: number;
  readonly agingMs: number;
  readonly signal: AbortSignal;
  /** Makes the loop look again. */
  readonly wake: () => void;
}
