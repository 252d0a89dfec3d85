import type { SchedulerConfig } from '../model/manifest-set.ts';
import type { Fields } from './fields.ts';

export const DEFAULT_SCHEDULER: SchedulerConfig = {
  enabled: true,
  max_concurrency: 1,
  queue_policy: 'fifo',
  max_queue_size: null,
};

/** Reads `scheduler.yaml`. */
export function parseScheduler(root: Fields): SchedulerConfig {
  const fields = root.at('scheduler').nested('scheduler');
  const config: SchedulerConfig = {
    enabled: fields.flag('enabled', DEFAULT_SCHEDULER.enabled),
    max_concurrency: fields.number('max_concurrency', { min: 1 }) ?? DEFAULT_SCHEDULER.max_concurrency,
    queue_policy: fields.choice('queue_policy', ['fifo']) ?? DEFAULT_SCHEDULER.queue_policy,
    max_queue_size: fields.number('max_queue_size', { min: 1 }),
  };
  if (fields.has('rate_limit')) fields.warn('"rate_limit" is reserved and has no effect');
  fields.close();
  return config;
}
