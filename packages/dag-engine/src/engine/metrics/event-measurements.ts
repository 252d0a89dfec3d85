import type { EngineEvent } from '../model/engine-event.ts';
import type { JsonValue } from '../model/json.ts';
import type { MetricType } from '../model/vocabulary.ts';

export type Tags = Readonly<Record<string, string>>;

/** What one event says to a collector of metrics. */
export type Measurement =
  | {
      readonly kind: 'sample';
      readonly name: string;
      readonly type: MetricType;
      readonly value: number;
      readonly tags: Tags;
    }
  /** Something begins; `key` tells it from everything else that goes on. */
  | { readonly kind: 'start'; readonly key: string }
  /** It ended: what began under `key` is measured as `name`. */
  | { readonly kind: 'stop'; readonly key: string; readonly name: string; readonly tags: Tags };

type Reading = (event: EngineEvent) => readonly Measurement[];

/** What is read from each kind of event; every other kind says nothing. */
const READINGS: Readonly<Partial<Record<EngineEvent['name'], Reading>>> = {
  task_started: (event) => [{ kind: 'start', key: keyOf('task', [event.task_id]) }],
  task_completed: (event) => [
    {
      kind: 'stop',
      key: keyOf('task', [event.task_id]),
      name: 'task_total_duration',
      tags: tagsOf(event, ['status']),
    },
  ],
  node_started: (event) => [
    count('node_execution_count', tagsOf(event, ['role', 'kind'])),
    { kind: 'start', key: nodeKey(event) },
  ],
  node_completed: nodeEnded,
  node_failed: nodeEnded,
  tool_invoked: (event) => [
    count('tool_invocation_count', toolTags(event)),
    { kind: 'start', key: toolKey(event) },
  ],
  tool_completed: toolEnded,
  tool_failed: toolEnded,
  policy_denied: (event) => [count('policy_denial_count', tagsOf(event, ['target']))],
  context_assembled: (event) => gauge('context_token_count', event, 'token_count'),
  task_queued: (event) => [{ kind: 'start', key: keyOf('queue', [event.payload['queued_task_id']]) }],
  task_dequeued: (event) => [
    {
      kind: 'stop',
      key: keyOf('queue', [event.payload['queued_task_id']]),
      name: 'queue_wait_duration',
      tags: tagsOf(event, ['queued_task_id']),
    },
  ],
};

export function measurementsOf(event: EngineEvent): readonly Measurement[] {
  return READINGS[event.name]?.(event) ?? [];
}

function nodeEnded(event: EngineEvent): readonly Measurement[] {
  const status = event.name === 'node_failed' ? { status: 'failed' } : {};
  const tags = { ...tagsOf(event, ['status']), ...status };
  return [{ kind: 'stop', key: nodeKey(event), name: 'node_execution_duration', tags }];
}

function toolEnded(event: EngineEvent): readonly Measurement[] {
  const status = event.name === 'tool_failed' ? 'failure' : 'success';
  return [
    {
      kind: 'stop',
      key: toolKey(event),
      name: 'tool_invocation_duration',
      tags: { ...toolTags(event), status },
    },
  ];
}

/** An execution by its number where the event has one: nothing else is sure to be unique. */
function nodeKey({ task_id, stage_id, payload }: EngineEvent): string {
  return keyOf('node', [task_id, payload['seq'] ?? stage_id]);
}

function toolKey({ task_id, stage_id, payload }: EngineEvent): string {
  return keyOf('tool', [task_id, payload['call_id'] ?? `${stage_id ?? ''}/${textOf(payload['tool_id'])}`]);
}

function keyOf(what: string, parts: readonly (JsonValue | undefined)[]): string {
  return JSON.stringify([what, ...parts]);
}

function count(name: string, tags: Tags): Measurement {
  return { kind: 'sample', name, type: 'counter', value: 1, tags };
}

function gauge(name: string, event: EngineEvent, field: string): readonly Measurement[] {
  const value = event.payload[field];
  if (typeof value !== 'number') return [];
  return [{ kind: 'sample', name, type: 'gauge', value, tags: tagsOf(event, ['profile_id']) }];
}

function toolTags(event: EngineEvent): Tags {
  return { ...tagsOf(event, []), tool_name: textOf(event.payload['tool_id']) };
}

function tagsOf({ task_id, stage_id, payload }: EngineEvent, fields: readonly string[]): Tags {
  const tags: Record<string, string> = {};
  if (task_id !== null) tags['task_id'] = task_id;
  if (stage_id !== null) tags['node_id'] = stage_id;
  for (const field of fields) {
    const value = payload[field];
    if (typeof value === 'string') tags[field] = value;
  }
  return tags;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
