import type { EngineEvent } from '../model/engine-event.ts';
import type { CliProfile } from '../model/manifest-set.ts';

const SUMMARY = new Set([
  'task_started',
  'task_completed',
  'task_failed',
  'node_failed',
  'tool_failed',
  'policy_denied',
]);

/** The events of one turn that a profile wants to see, one line each. */
export function renderTelemetry(
  events: readonly EngineEvent[],
  { enabled, level, filters }: CliProfile['telemetry_overlays'],
): readonly string[] {
  if (!enabled) return [];
  const chosen = filters.length > 0 ? new Set(filters) : SUMMARY;
  const shown =
    filters.length > 0 || level === 'summary' ? events.filter(({ name }) => chosen.has(name)) : events;
  return shown.map(({ name, task_id, stage_id }) =>
    [
      '  ·',
      name,
      ...(stage_id === null ? [] : [`@${stage_id}`]),
      ...(task_id === null ? [] : [`[${task_id}]`]),
    ].join(' '),
  );
}
