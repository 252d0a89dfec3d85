import type { ContextItem, ContextProfileSource } from '../model/context.ts';
import type { Task } from '../model/task.ts';
import type { StoreName } from '../model/vocabulary.ts';
import { projectIdOf } from '../tasks/task-spec.ts';
import type { MemoryItem } from './memory-item.ts';
import type { MemoryFilters } from './memory-query.ts';
import type { MemoryStore } from './memory-store.ts';

export type MemoryStores = Readonly<Record<StoreName, MemoryStore>>;

/** What memory needs to know of a task; both a task and its frozen view have it. */
export type RememberingTask = Pick<Task, 'task_id' | 'parent_task_id'> & {
  readonly spec: { readonly metadata: Readonly<Record<string, unknown>> };
};

/** Parent of a task, `null` for a root and for an unknown one. */
export type ParentOf = (taskId: string) => string | null;

/** Every item a source names that is the task's to read, in the order they were put. */
export async function gatherItems(
  source: ContextProfileSource,
  task: RememberingTask,
  { stores, parentOf }: { readonly stores: MemoryStores; readonly parentOf: ParentOf },
): Promise<readonly ContextItem[]> {
  const found: ContextItem[] = [];
  for (const owner of ownersOf(source, task, parentOf)) {
    const filters = source.tags.length === 0 ? owner : { ...owner, tags: source.tags };
    const items = await stores[source.store].query({ filters, limit: null, orderBy: '-timestamp' });
    found.push(...items.map(withoutOwner));
  }
  return found;
}

function ownersOf(
  { store, inherit }: ContextProfileSource,
  task: RememberingTask,
  parentOf: ParentOf,
): readonly MemoryFilters[] {
  switch (store) {
    case 'task':
      return (inherit ? [...ancestorsOf(task, parentOf), task.task_id] : [task.task_id]).map((task_id) => ({
        task_id,
      }));
    case 'project':
      return [{ project_id: projectIdOf(task) }];
    case 'global':
      return [{}];
  }
}

/** Root first. */
function ancestorsOf({ parent_task_id }: RememberingTask, parentOf: ParentOf): readonly string[] {
  const ancestors: string[] = [];
  for (let id = parent_task_id; id !== null; id = parentOf(id)) ancestors.unshift(id);
  return ancestors;
}

/** A node sees the item, not whose memory it is from. */
function withoutOwner({ task_id: _task, project_id: _project, ...item }: MemoryItem): ContextItem {
  return item;
}
