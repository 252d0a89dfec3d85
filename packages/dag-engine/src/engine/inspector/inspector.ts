import type { ArtifactStore } from '../artifacts/artifact-store.ts';
import { createJsonFreezer } from '../model/frozen-json.ts';
import type { EngineEvent } from '../model/engine-event.ts';
import type { JsonValue } from '../model/json.ts';
import type { ContextMetadata, StageExecutionRecord } from '../model/stage-record.ts';
import type { LineageType, StatusTransition, TaskView } from '../model/task.ts';
import type { ArtifactType, Lifecycle, Status } from '../model/vocabulary.ts';
import { Replay } from './replay.ts';

/** Where an inspector looks. Contract: a view is a deeply frozen copy. */
export interface InspectorOptions {
  readonly tasks: { view(taskId: string): TaskView | undefined };
  readonly artifacts: Pick<ArtifactStore, 'byTask'>;
  readonly events: { byTask(taskId: string): readonly EngineEvent[] };
}

/** How a task changed, and which nodes it ran. */
export interface TaskHistory {
  readonly task_id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly current_status: Status;
  readonly status_transitions: readonly StatusTransition[];
  readonly stage_executions: readonly {
    readonly stage_id: string;
    readonly status: Status;
    readonly started_at: string;
    readonly completed_at: string;
  }[];
}

/** Something that a task produced. */
export type InspectedArtifact =
  | {
      readonly type: 'stage_output' | Exclude<ArtifactType, 'node_output'>;
      readonly stage_id: string | null;
      readonly data: JsonValue;
    }
  | { readonly type: 'task_output'; readonly data: JsonValue };

/** A failure that a task met. */
export interface InspectedError {
  readonly type: 'error';
  readonly stage_id: string | null;
  readonly error: JsonValue;
  readonly timestamp: string;
}

/** A task in short. */
export interface TaskSummary {
  readonly task_id: string;
  readonly status: Status;
  readonly lifecycle: Lifecycle;
  readonly created_at: string;
  readonly updated_at: string;
  readonly duration_ms: number;
  readonly stage_count: number;
  readonly completed_stages: number;
  readonly has_errors: boolean;
  readonly current_output: JsonValue;
}

/** A task and what was made from it. */
export interface LineageTree {
  readonly task_id: string;
  readonly status: Status;
  readonly lineage_type: LineageType | null;
  /** In creation order. */
  readonly children: readonly LineageTree[];
}

/** What one execution of a node could read. */
export interface InspectedContext {
  readonly profile_id: string | null;
  readonly metadata: ContextMetadata | null;
}

const freeze = createJsonFreezer();

/** Answers questions about tasks, from what was recorded. Read-only: nothing it gives reaches into the engine. */
export class Inspector {
  readonly #options: InspectorOptions;

  constructor(options: InspectorOptions) {
    this.#options = options;
  }

  getTask(taskId: string): TaskView | null {
    return this.#options.tasks.view(taskId) ?? null;
  }

  /** An empty object for an unknown task. */
  getTaskHistory(taskId: string): TaskHistory | Readonly<Record<string, never>> {
    const task = this.getTask(taskId);
    if (task === null) return {};
    return {
      task_id: task.task_id,
      created_at: task.created_at,
      updated_at: task.updated_at,
      current_status: task.status,
      status_transitions: task.status_transitions,
      stage_executions: task.history.map(({ node_id, node_status, started_at, completed_at }) => ({
        stage_id: node_id,
        status: node_status,
        started_at,
        completed_at,
      })),
    };
  }

  /** Artifacts in the order they were added, then the output the task has now. */
  getTaskArtifacts(taskId: string): {
    readonly task_id: string;
    readonly artifacts: readonly InspectedArtifact[];
  } {
    const kept = this.#options.artifacts.byTask(taskId).map(({ metadata, payload }): InspectedArtifact => {
      const type = metadata.artifact_type === 'node_output' ? 'stage_output' : metadata.artifact_type;
      return { type, stage_id: metadata.node_id, data: payload };
    });
    const task = this.getTask(taskId);
    const output = task === null ? [] : [{ type: 'task_output' as const, data: jsonOf(task.current_output) }];
    return { task_id: taskId, artifacts: [...kept, ...output] };
  }

  /** What went wrong for the task, in the order it happened. */
  getTaskEvents(taskId: string): { readonly task_id: string; readonly events: readonly InspectedError[] } {
    const events = this.#options.events
      .byTask(taskId)
      .flatMap(({ stage_id, timestamp, payload }): InspectedError[] => {
        const error = payload['error'];
        return error === undefined || error === null ? [] : [{ type: 'error', stage_id, error, timestamp }];
      });
    return { task_id: taskId, events };
  }

  getTaskSummary(taskId: string): TaskSummary | null {
    const task = this.getTask(taskId);
    if (task === null) return null;
    return {
      task_id: task.task_id,
      status: task.status,
      lifecycle: task.lifecycle,
      created_at: task.created_at,
      updated_at: task.updated_at,
      duration_ms: Date.parse(task.updated_at) - Date.parse(task.created_at),
      stage_count: task.history.length,
      completed_stages: task.history.filter(({ node_status }) => node_status === 'completed').length,
      has_errors: task.history.some(({ error }) => error !== null),
      current_output: jsonOf(task.current_output),
    };
  }

  /** `null` for an unknown task; children that were forgotten are left out. */
  getLineage(taskId: string): LineageTree | null {
    const task = this.getTask(taskId);
    if (task === null) return null;
    return {
      task_id: task.task_id,
      status: task.status,
      lineage_type: task.lineage_type,
      children: task.child_task_ids.flatMap((childId) => this.getLineage(childId) ?? []),
    };
  }

  /** What the execution numbered `seq` could read; `null` when the task has no such execution. */
  getContext(taskId: string, seq: number): InspectedContext | null {
    const record = this.#historyOf(taskId).find((candidate) => candidate.seq === seq);
    return record === undefined
      ? null
      : { profile_id: record.context_profile_id, metadata: record.context_metadata };
  }

  /** `null` for an unknown task. */
  replay(taskId: string): Replay | null {
    return this.getTask(taskId) === null ? null : new Replay(this.#historyOf(taskId));
  }

  #historyOf(taskId: string): readonly StageExecutionRecord[] {
    return this.getTask(taskId)?.history ?? [];
  }
}

function jsonOf(value: unknown): JsonValue {
  return freeze(value);
}
