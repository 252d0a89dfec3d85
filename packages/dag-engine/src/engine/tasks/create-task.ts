import type { JsonObject, JsonValue } from '../model/json.ts';
import type { LineageType, Task, TaskSpec } from '../model/task.ts';
import { snapshot } from './snapshot.ts';
import { createSubtaskSpec, projectIdOf } from './task-spec.ts';

/** How a BRANCH makes a clone. */
export interface CloneOrigin {
  /** Default: what the parent has. `null`, `0`, `""` and `[]` are outputs. */
  readonly output?: JsonValue | undefined;
  /** The label of its edge, or the node the edge leads to. */
  readonly branchLabel: string;
  readonly stageId: string;
  /** Among the clones made with it, from 0. */
  readonly index: number;
}

/** How a SPLIT makes a subtask. */
export interface SubtaskOrigin {
  readonly input: JsonValue;
  readonly edgeLabel: string;
  readonly stageId: string;
  /** Among the subtasks made with it, from 0. */
  readonly index: number;
}

interface TaskDraft {
  readonly taskId: string;
  readonly spec: TaskSpec;
  readonly output: JsonValue;
  readonly at: string;
  readonly lineage: {
    readonly parent: string | null;
    readonly type: LineageType | null;
    readonly data: JsonObject;
  };
}

/** A task nobody made: its output is `null` until its first node ran. */
export function rootTask(spec: TaskSpec, at: string, taskId: string): Task {
  return draftTask({
    taskId,
    spec,
    output: null,
    at,
    lineage: { parent: null, type: null, data: {} },
  });
}

/** A task with its parent's spec and output, named after the children the parent has so far. */
export function cloneTask(parent: Task, origin: CloneOrigin, at: string): Task {
  return draftTask({
    taskId: `${parent.task_id}-clone-${parent.child_task_ids.length}`,
    spec: parent.spec,
    output: origin.output === undefined ? parent.current_output : origin.output,
    at,
    lineage: {
      parent: parent.task_id,
      type: 'clone',
      data: { branch_label: origin.branchLabel, cloned_at_stage: origin.stageId, clone_index: origin.index },
    },
  });
}

/** A task with a spec of its own whose first node sees the subtask's input. */
export function subtaskOf(parent: Task, origin: SubtaskOrigin, at: string): Task {
  const number = parent.child_task_ids.length;
  return draftTask({
    taskId: `${parent.task_id}-subtask-${number}`,
    spec: createSubtaskSpec(parent.spec, number, origin.input),
    output: origin.input,
    at,
    lineage: {
      parent: parent.task_id,
      type: 'subtask',
      data: {
        split_edge_label: origin.edgeLabel,
        split_at_stage: origin.stageId,
        subtask_index: origin.index,
        subtask_input: origin.input,
      },
    },
  });
}

function draftTask({ taskId, spec, output, at, lineage }: TaskDraft): Task {
  return {
    task_id: taskId,
    spec,
    lifecycle: 'queued',
    status: 'pending',
    current_stage_id: null,
    current_output: snapshot(output),
    stage_results: emptyResults(),
    history: [],
    routing_trace: [],
    failure_signatures: [],
    status_transitions: [{ status: 'pending', timestamp: at }],
    context_fingerprint: null,
    parent_task_id: lineage.parent,
    lineage_type: lineage.type,
    lineage_metadata: snapshot(lineage.data),
    task_memory_ref: `task_memory:${taskId}`,
    project_memory_ref: `project_memory:${projectIdOf({ spec })}`,
    global_memory_ref: 'global_memory:default',
    created_at: at,
    updated_at: at,
    child_task_ids: [],
  };
}

/** Without a prototype: a node may be called `__proto__`. */
export function emptyResults(): Task['stage_results'] {
  return Object.create(null) as Task['stage_results'];
}
