import type { MetricDefinition, MetricsProfile } from '../model/manifest-set.ts';
import type { MetricType } from '../model/vocabulary.ts';

/** Used where there is no `metrics.yaml`. */
export const DEFAULT_METRICS_PROFILE: MetricsProfile = {
  name: 'default',
  description: '',
  enabled: true,
  metrics: [
    metric('node_execution_duration', 'timer'),
    metric('tool_invocation_duration', 'timer'),
    metric('task_total_duration', 'timer'),
    metric('node_execution_count', 'counter'),
    metric('tool_invocation_count', 'counter'),
  ],
};

/** The first enabled profile; `null` collects nothing. */
export function selectMetricsProfile(profiles: readonly MetricsProfile[]): MetricsProfile | null {
  return profiles.find(({ enabled }) => enabled) ?? null;
}

function metric(name: string, type: MetricType): MetricDefinition {
  return { name, type, enabled: true, tags: {}, description: '' };
}
