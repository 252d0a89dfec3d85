import { deepFreeze } from '../model/json.ts';
import type { Task, TaskView } from '../model/task.ts';
import { snapshot } from '../tasks/snapshot.ts';

/**
 * A frozen view of a task as it is while one of its nodes runs. The collections are copied when first read, because
 * most operations read none and a history is long.
 */
export function viewTask(task: Task): TaskView {
  const read: { -readonly [Key in keyof TaskView]?: TaskView[Key] } = {};
  return Object.freeze({
    ...task,
    spec: snapshot(task.spec),
    lineage_metadata: snapshot(task.lineage_metadata),
    get history() {
      return (read.history ??= Object.freeze([...task.history]));
    },
    get stage_results() {
      return (read.stage_results ??= Object.freeze({ ...task.stage_results }));
    },
    get routing_trace() {
      return (read.routing_trace ??= frozenCopy(task.routing_trace));
    },
    get failure_signatures() {
      return (read.failure_signatures ??= frozenCopy(task.failure_signatures));
    },
    get status_transitions() {
      return (read.status_transitions ??= frozenCopy(task.status_transitions));
    },
    get child_task_ids() {
      return (read.child_task_ids ??= Object.freeze([...task.child_task_ids]));
    },
  });
}

function frozenCopy<T>(value: T): T {
  return deepFreeze(structuredClone(value));
}
