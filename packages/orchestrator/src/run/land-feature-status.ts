import { readBlob, treeOf, writeBlobIntoTree } from '@agentswarm/git';
import type { MergeQueue } from '@agentswarm/merge-queue';
import type { Target } from '../target/target.ts';
import { updateFeatureStatuses } from './feature-status.ts';
import type { RunLog } from './run-log.ts';

const PATH = 'FEATURES.json';

/**
 * Lands FEATURES.json with the statuses the journal proves, once, at the end of a run. A run whose file
 * cannot land has still landed its features: that is a notice, not a failure.
 */
export async function landFeatureStatus(options: {
  readonly queue: MergeQueue;
  readonly target: Target;
  readonly log: RunLog;
  /** Aborted: the queue is stopped, and the file stays as it is. */
  readonly signal: AbortSignal;
}): Promise<void> {
  const { queue, log, signal } = options;
  if (log.state().landings.length === 0) return;
  const stop = () => void queue.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await landStatuses(options);
  } catch (error) {
    if (!signal.aborted) throw error;
    log.append({
      type: 'notice_raised',
      level: 'warning',
      message: `${PATH} was not updated: stopped on request`,
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function landStatuses({ queue, target, log }: Parameters<typeof landFeatureStatus>[0]): Promise<void> {
  const repository = target.state.store;
  const result = await queue.landChange({
    ticket: 'feature-status',
    message: 'chore: update feature statuses',
    compose: async (main) => {
      const text = (await readBlob({ repository, commit: main, path: PATH }))?.toString('utf8');
      const updated = text === undefined ? undefined : updateFeatureStatuses(text, log.state());
      if (updated === undefined) return await treeOf({ repository, commit: main });
      return await writeBlobIntoTree({ repository, base: main, path: PATH, content: updated });
    },
  });
  if (result.kind === 'landed') log.append({ type: 'feature_status_landed', commit: result.commit });
  if (result.kind === 'landed' || result.kind === 'unchanged') return;
  const reason = result.kind === 'rejected' ? `${result.failure.command} fails with it` : result.stop.message;
  log.append({ type: 'notice_raised', level: 'warning', message: `${PATH} was not updated: ${reason}` });
}
