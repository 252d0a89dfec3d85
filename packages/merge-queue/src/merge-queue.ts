import { LandingQueue } from './landing-queue.ts';
import type { MergeQueue, MergeQueueOptions } from './queue-contract.ts';

/**
 * Opens a merge queue: settles what an earlier process left, then starts landing.
 *
 * @throws {MergeQueueError} `TARGET_MISSING`, `TARGET_UNREACHABLE`, `TICKET_INVALID`, `JOURNAL_FAILED`.
 * @example
 * await using queue = await createMergeQueue({ repository, target, gate: noGate() });
 * queue.enqueue({ ticket: 'task-1.1', branch, head, priority: 5 });
 * await queue.drain();
 */
export async function createMergeQueue(options: MergeQueueOptions): Promise<MergeQueue> {
  const queue = new LandingQueue(options);
  try {
    await queue.start(options.state);
  } catch (error) {
    await queue.stop();
    throw error;
  }
  return queue;
}
