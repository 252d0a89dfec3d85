import type { JsonObject, JsonValue } from '../model/json.ts';
import type { Task } from '../model/task.ts';
import type { Status } from '../model/vocabulary.ts';

/** What one task brings to a merge. */
export interface MergeItem extends JsonObject {
  readonly task_id: string;
  /** Its last node; of a task that came straight from its branch or split, that. */
  readonly node_id: string | null;
  readonly output: JsonValue;
  /** `completed` or `partial` for an input, `failed` for a failure. */
  readonly node_status: Status;
  /** Of its last node in the task's history; `null` when it ran none. */
  readonly stage_result_index: number | null;
  readonly timestamp: string;
  /** `type`, `parent_task_id`, `branch_label` or `split_edge_label`, and `index`. */
  readonly lineage_metadata: JsonObject;
}

/** The input of a MERGE, items in member order. */
export interface MergePayload extends JsonObject {
  readonly merge_inputs: readonly MergeItem[];
  readonly merge_failures: readonly MergeItem[];
}

export function mergeItemOf(task: Task): MergeItem {
  const last = task.history.at(-1);
  const origin = originOf(task);
  return {
    task_id: task.task_id,
    node_id: last?.node_id ?? origin.stageId,
    output: task.current_output,
    node_status: task.status === 'failed' || task.status === 'partial' ? task.status : 'completed',
    stage_result_index: last ? task.history.length - 1 : null,
    timestamp: last?.completed_at ?? task.created_at,
    lineage_metadata: {
      type: task.lineage_type,
      parent_task_id: task.parent_task_id,
      ...origin.label,
      index: origin.index,
    },
  };
}

/** Where in its lineage a task began; all `null` for one that nobody made. */
function originOf({ lineage_type, lineage_metadata: data }: Task) {
  switch (lineage_type) {
    case 'clone':
      return {
        stageId: textOrNull(data['cloned_at_stage']),
        label: { branch_label: data['branch_label'] ?? null },
        index: data['clone_index'] ?? null,
      };
    case 'subtask':
      return {
        stageId: textOrNull(data['split_at_stage']),
        label: { split_edge_label: data['split_edge_label'] ?? null },
        index: data['subtask_index'] ?? null,
      };
    case null:
      return { stageId: null, label: {}, index: null };
  }
}

function textOrNull(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
