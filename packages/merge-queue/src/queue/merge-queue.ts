import { silentLogger, systemClock } from '@agentswarm/core';
import { openGitRepository } from '../repository/git-repository.ts';
import { assembleQueue } from './assemble-queue.ts';
import type { MergeQueue, MergeQueueOptions } from './queue-contract.ts';

/**
 * Opens a merge queue: becomes the only writer of the target, settles what an earlier process left, then
 * starts landing.
 *
 * @throws {MergeQueueError} `TARGET_MISSING`, `TARGET_UNREACHABLE`, `TICKET_INVALID`, `JOURNAL_FAILED`,
 *   `QUEUE_BUSY` when another queue of this repository and target is at work.
 * @example
 * await using queue = await createMergeQueue({ repository, target, gate: commands(['npm test'], { backend, run }) });
 * queue.enqueue({ ticket: 'task-1.1', branch, head, priority: 5 });
 * await queue.drain();
 */
export async function createMergeQueue(options: MergeQueueOptions): Promise<MergeQueue> {
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? silentLogger;
  const { repository, epoch } = await openGitRepository({ ...options, clock });
  return await assembleQueue({ ...options, clock, logger, store: repository, epoch });
}
