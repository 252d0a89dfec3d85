import type { Clock, Logger } from '@agentswarm/core';
import { Composer } from '../compose/composer.ts';
import { HeadFactsCache } from '../compose/head-facts.ts';
import { noGate } from '../gate/gate.ts';
import { createBranchGuard } from '../guard/branch-guard.ts';
import { GateRuns } from '../judge/gate-runs.ts';
import { Mirrors } from '../land/mirrors.ts';
import { RewrittenLandings } from '../land/rewritten-landings.ts';
import type { LandingRepository } from '../repository/landing-repository.ts';
import { Resolvers } from '../resolve/resolvers.ts';
import { AsideResolution } from './aside-resolution.ts';
import { EventLog } from './event-log.ts';
import { LandingQueue, type QueueParts } from './landing-queue.ts';
import { nothingRewritten } from './queue-context.ts';
import type { MergeQueue, MergeQueueOptions, QueuePolicy } from './queue-contract.ts';
import { Settlement } from './settlement.ts';
import { TipReader } from './tip.ts';
import { Wakeup } from './wakeup.ts';

function defaults() {
  return {
    gate: noGate(),
    strategy: 'merge-commit',
    maxBatch: 16,
    slots: 2,
    agingMs: 600_000,
    allowRedTarget: false,
  } as const satisfies QueuePolicy;
}

/** Everything a queue needs, its repository already open. */
export interface AssembleOptions extends MergeQueueOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Closed by the queue. */
  readonly store: LandingRepository;
  /** How many queues have written this target before and with this one. */
  readonly epoch: number;
}

/** Makes a queue of its parts and starts it; when that fails, nothing stays open. */
export async function assembleQueue(options: AssembleOptions): Promise<MergeQueue> {
  const queue = new LandingQueue(partsOf(options));
  try {
    await queue.start(options.epoch, options.state);
  } catch (error) {
    await queue.stop();
    throw error;
  }
  return queue;
}

function partsOf(options: AssembleOptions): QueueParts {
  const { store: repository, clock, logger } = options;
  const { gate, strategy, slots, maxBatch, agingMs, allowRedTarget } = { ...defaults(), ...options };
  const abort = new AbortController();
  const wakeup = new Wakeup();
  const wake = () => wakeup.wake();
  const log = new EventLog(options.journal);
  const facts = new HeadFactsCache(repository);
  const resolvers = new Resolvers({
    resolvers: options.resolvers ?? [],
    repository: options.repository,
    store: repository,
    logger,
  });
  const passed = (options.state?.passed ?? [])
    .filter(({ environment }) => environment !== undefined && environment === gate.environment)
    .map(({ tree }) => tree);
  const composer: Composer = new Composer({
    repository,
    facts,
    strategy,
    resolvers,
    clock,
    mayAskAside: (ticket) => aside.isWilling(ticket),
  });
  const aside = new AsideResolution({
    resolve: (entry, tip, signal) => composer.resolveAside(entry, tip, signal),
    logger,
    onDone: wake,
  });
  const context = {
    repository,
    log,
    clock,
    logger,
    wake,
    facts,
    signal: abort.signal,
    branch: options.target,
    settlement: new Settlement(log),
    composer,
    aside,
    runs: new GateRuns({ repository: options.repository, gate, log, clock, logger, passed, onEnded: wake }),
    tips: new TipReader(repository),
    rewritten: strategy === 'rebase' ? new RewrittenLandings(repository) : nothingRewritten,
    slots,
    maxBatch,
    agingMs,
    allowRedTarget,
    guard: options.guards === false ? undefined : createBranchGuard(repository, options.guards ?? {}),
  };
  const mirrors = new Mirrors({
    repository: options.repository,
    branch: options.target,
    mirrors: options.mirrors ?? [],
    log,
    logger,
  });
  return { context, mirrors, wakeup, abort, outside: options.signal };
}
