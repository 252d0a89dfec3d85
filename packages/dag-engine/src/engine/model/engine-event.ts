import type { JsonObject, JsonValue } from './json.ts';
import type { EventType } from './vocabulary.ts';

/** Every event there is and the category it belongs to. */
export const EVENT_CATEGORIES = {
  task_started: 'task',
  task_completed: 'task',
  task_failed: 'task',
  clone_created: 'task',
  subtask_created: 'task',
  node_started: 'node',
  node_completed: 'node',
  node_failed: 'node',
  routing_decision: 'routing',
  routing_branch: 'routing',
  routing_split: 'routing',
  routing_merge: 'routing',
  tool_invoked: 'tool',
  tool_completed: 'tool',
  tool_failed: 'tool',
  context_assembled: 'memory',
  context_failed: 'memory',
  memory_persisted: 'memory',
  policy_denied: 'error',
  checkpoint_saved: 'telemetry',
  checkpoint_loaded: 'telemetry',
  checkpoint_missing: 'telemetry',
  evaluation_completed: 'telemetry',
  queue_full: 'telemetry',
  task_queued: 'telemetry',
  task_dequeued: 'telemetry',
  credential_loaded: 'telemetry',
  credential_failed: 'telemetry',
} as const satisfies Readonly<Record<string, EventType>>;

export type EventName = keyof typeof EVENT_CATEGORIES;

/** What somebody says happened; the bus numbers and stamps it. */
export interface Occurrence {
  readonly name: EventName;
  readonly task_id: string | null;
  readonly stage_id: string | null;
  readonly payload: Readonly<Record<string, JsonValue | object>>;
}

/** An event as observers see it: deeply frozen, JSON-safe, ordered by `seq` within its stream. */
export interface EngineEvent {
  /** `<name>-<seq>`. */
  readonly event_id: string;
  /** From 1, without gaps, never reused. */
  readonly seq: number;
  readonly name: EventName;
  readonly type: EventType;
  readonly task_id: string | null;
  readonly stage_id: string | null;
  readonly timestamp: string;
  /** `event` repeats the name. */
  readonly payload: JsonObject;
  /** `engine_version` and `manifest_digest`. */
  readonly metadata: JsonObject;
}

/** Where occurrences go. Contract: synchronous, ordered, never throws. */
export interface EventEmitter {
  emit(occurrence: Occurrence): void;
}
