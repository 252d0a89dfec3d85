import { silentLogger, type Clock } from '@agentswarm/core';
import type { Gate, MergeQueue, MergeQueueOptions } from '@agentswarm/merge-queue';
import { assembleQueue } from '../../src/queue/assemble-queue.ts';
import { target } from '../landing-fixture.ts';
import { MemoryRepository, type MemoryRepositoryOptions } from './memory-repository.ts';
import type { MemoryStore } from './memory-store.ts';

/** A queue at work on the model. */
export interface ModelQueue {
  readonly queue: MergeQueue;
  readonly repository: MemoryRepository;
}

export interface ModelQueueOptions extends Pick<
  MergeQueueOptions,
  'slots' | 'maxBatch' | 'journal' | 'state' | 'agingMs' | 'strategy'
> {
  readonly store: MemoryStore;
  readonly clock: Clock;
  readonly gate: Gate;
  readonly memory?: MemoryRepositoryOptions;
}

/** Opens the queue on a store in memory; whoever had it open before is fenced. */
export async function openModelQueue(options: ModelQueueOptions): Promise<ModelQueue> {
  const { store, memory, ...rest } = options;
  const repository = new MemoryRepository(store, memory);
  const queue = await assembleQueue({
    ...rest,
    repository: 'model.git',
    target,
    logger: silentLogger,
    store: repository,
    epoch: repository.epoch,
  });
  return { queue, repository };
}
