import type { MetricDefinition, MetricsProfile } from '../model/manifest-set.ts';
import { METRIC_TYPES, type MetricType } from '../model/vocabulary.ts';
import { textOf } from '../model/json.ts';
import type { Fields } from './fields.ts';

/** Reads an entry of `metrics.yaml`. */
export function parseMetricsProfile(fields: Fields): MetricsProfile {
  const profile: MetricsProfile = {
    name: fields.requiredText('name'),
    description: fields.prose('description'),
    enabled: fields.flag('enabled', true),
    metrics: fields.entries('metrics').map(parseMetric),
  };
  fields.close();
  return profile;
}

function parseMetric(fields: Fields): MetricDefinition {
  const tags = Object.entries(fields.object('tags')).map(([name, value]) => [name, textOf(value)] as const);
  const metric: MetricDefinition = {
    name: fields.requiredText('name'),
    type: fields.requiredChoice('type', METRIC_TYPES),
    enabled: fields.flag('enabled', true),
    tags: Object.fromEntries(tags),
    description: fields.prose('description'),
  };
  fields.close();
  return metric;
}

/** The metrics of a directory without `metrics.yaml`. */
export const DEFAULT_METRICS: MetricsProfile = {
  name: 'default',
  description: 'How often and how long nodes, tools and tasks run',
  enabled: true,
  metrics: [
    builtIn('node_execution_duration', 'timer'),
    builtIn('tool_invocation_duration', 'timer'),
    builtIn('task_total_duration', 'timer'),
    builtIn('node_execution_count', 'counter'),
    builtIn('tool_invocation_count', 'counter'),
  ],
};

function builtIn(name: string, type: MetricType): MetricDefinition {
  return { name, type, enabled: true, tags: {}, description: '' };
}
