import type { ArtifactRecord } from '../model/artifact.ts';
import type { EngineEvent } from '../model/engine-event.ts';
import type { TaskView } from '../model/task.ts';
import type { ContextInspection, ReplayStep, TaskHistory, TaskLineage, TaskSummary } from './inspection.ts';

export interface InspectorPorts {
  readonly viewTask: (taskId: string) => TaskView | null;
  readonly artifactsOf: (taskId: string) => readonly ArtifactRecord[];
  readonly eventsOf: (taskId: string) => readonly EngineEvent[];
}

/** Answers questions about tasks without touching them: everything it gives is a deeply frozen copy. */
export class Inspector {
  readonly #ports: InspectorPorts;

  constructor(ports: InspectorPorts) {
    this.#ports = ports;
  }

  getTask(taskId: string): TaskView | null {
    return this.#ports.viewTask(taskId);
  }

  /** `{}` for an unknown task. */
  getTaskHistory(taskId: string): TaskHistory | Record<string, never> {
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

  /** Outputs of the task's nodes, then its own, then what the artifact store keeps of it. */
  getTaskArtifacts(taskId: string) {
    const task = this.getTask(taskId);
    const stages = (task?.history ?? []).map(({ node_id, output }) => ({
      type: 'stage_output' as const,
      stage_id: node_id,
      data: output,
    }));
    const own = task === null ? [] : [{ type: 'task_output' as const, data: task.current_output }];
    const stored = this.#ports.artifactsOf(taskId).map(({ metadata, payload }) => ({
      type: metadata.artifact_type,
      stage_id: metadata.node_id,
      artifact_id: metadata.artifact_id,
      data: payload,
    }));
    return { task_id: taskId, artifacts: [...stages, ...own, ...stored] };
  }

  /** The task's events, and its nodes' failures as `error`. */
  getTaskEvents(taskId: string) {
    const errors = (this.getTask(taskId)?.history ?? []).flatMap(({ node_id, error, completed_at }) =>
      error === null ? [] : [{ type: 'error' as const, stage_id: node_id, error, timestamp: completed_at }],
    );
    return { task_id: taskId, errors, events: this.#ports.eventsOf(taskId) };
  }

  getTaskSummary(taskId: string): TaskSummary | null {
    const task = this.getTask(taskId);
    if (task === null) return null;
    const { task_id, status, lifecycle, created_at, updated_at, history, current_output } = task;
    return {
      task_id,
      status,
      lifecycle,
      created_at,
      updated_at,
      duration_ms: Date.parse(updated_at) - Date.parse(created_at),
      stage_count: history.length,
      completed_stages: history.filter(({ node_status }) => node_status === 'completed').length,
      has_errors: history.some(({ error }) => error !== null),
      current_output,
    };
  }

  /** `null` for an unknown task. */
  getLineage(taskId: string): TaskLineage | null {
    const task = this.getTask(taskId);
    if (task === null) return null;
    const children = task.child_task_ids.flatMap((id) => this.getLineage(id) ?? []);
    return { task_id: task.task_id, status: task.status, lineage_type: task.lineage_type, children };
  }

  /** What context the execution with this number had; `null` when the task has no such execution. */
  getContext(taskId: string, seq: number): ContextInspection | null {
    const record = this.getTask(taskId)?.history.find((one) => one.seq === seq);
    if (record === undefined) return null;
    return { profile_id: record.context_profile_id, metadata: record.context_metadata };
  }

  /** Steps through what was recorded; nothing is run again. */
  *replay(taskId: string): Generator<ReplayStep, undefined> {
    const task = this.getTask(taskId);
    let output = task?.spec.request ?? null;
    for (const [index, record] of (task?.history ?? []).entries()) {
      if (record.node_status === 'completed') output = record.output;
      yield { index, record, output_after: output, error: record.error };
    }
    return undefined;
  }
}
