import { deepFreeze } from '../model/json.ts';
import type { Task, TaskView } from '../model/task.ts';

/**
 * A frozen view of a task as it is while one of its nodes runs. The collections are copied when first read, because
 * most operations read none and a history is long.
 */
export function viewTask(task: Task): TaskView {
  const spec = once(() => frozenCopy(task.spec));
  const history = once(() => Object.freeze([...task.history]));
  const stageResults = once(() => Object.freeze({ ...task.stage_results }));
  const routingTrace = once(() => frozenCopy(task.routing_trace));
  const signatures = once(() => frozenCopy(task.failure_signatures));
  const transitions = once(() => frozenCopy(task.status_transitions));
  const children = once(() => Object.freeze([...task.child_task_ids]));
  const lineage = once(() => frozenCopy(task.lineage_metadata));
  return Object.freeze({
    ...task,
    get spec() {
      return spec();
    },
    get history() {
      return history();
    },
    get stage_results() {
      return stageResults();
    },
    get routing_trace() {
      return routingTrace();
    },
    get failure_signatures() {
      return signatures();
    },
    get status_transitions() {
      return transitions();
    },
    get child_task_ids() {
      return children();
    },
    get lineage_metadata() {
      return lineage();
    },
  });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function frozenCopy<T>(value: T): T {
  return deepFreeze(structuredClone(value));
}
