import { landedFeatures, type Feature, type FeatureList, type RunState } from '@agentswarm/core';

/**
 * The text of FEATURES.json with the statuses the journal proves; only the status values change.
 * Undefined when nothing changes.
 */
export function updateFeatureStatuses(text: string, state: RunState): string | undefined {
  const { features } = JSON.parse(text) as FeatureList;
  const landed = landedFeatures(state);
  const statuses = features.map((feature) => statusOf(feature, state, landed));
  let index = 0;
  // A status inside a description is escaped, so the key matches once per feature, in order.
  const updated = text.replace(
    /((?<!\\)"status"\s*:\s*")[a-z_]+"/g,
    (match, head: string) => `${head}${statuses[index++] ?? match.slice(head.length, -1)}"`,
  );
  return updated === text ? undefined : updated;
}

function statusOf(feature: Feature, state: RunState, landed: ReadonlySet<string>): Feature['status'] {
  if (landed.has(feature.id)) return 'landed';
  const tasks = [...state.tasks.values()].filter((task) => task.task.features.includes(feature.id));
  if (tasks.some((task) => task.status === 'open' || task.status === 'landed')) return 'in_progress';
  return tasks.length > 0 ? 'failed' : feature.status;
}
