import type { EngineErrorRecord, Inspector, TaskArchive, TaskView } from '@agentswarm/dag-engine/engine';
import { CliError } from '../errors.ts';

/** Checkpoints that are no tasks, by the id they are named after. */
export type Damaged = ReadonlyMap<string, EngineErrorRecord>;

/** Loads every task of a project, in the order they were created. */
export async function readTasks(
  { checkpoints, inspector }: TaskArchive,
  projectId: string,
): Promise<{ readonly tasks: readonly TaskView[]; readonly damaged: Damaged }> {
  const listed = await checkpoints.listTasks(projectId);
  if (listed.kind === 'error') throw notFound(listed.error.message);
  const damaged = new Map<string, EngineErrorRecord>();
  const tasks: TaskView[] = [];
  for (const taskId of listed.value) {
    const loaded = await checkpoints.loadCheckpoint({ projectId, taskId });
    if (loaded.kind === 'error') damaged.set(taskId, loaded.error);
    else tasks.push(...viewOf(inspector, taskId));
  }
  return { tasks: tasks.toSorted(byCreation), damaged };
}

/** Loads a task and what was made from it, as far as it was kept. */
export async function readLineage(
  archive: TaskArchive,
  address: { readonly projectId: string; readonly taskId: string },
): Promise<TaskView> {
  const loaded = await archive.checkpoints.loadCheckpoint(address);
  if (loaded.kind === 'error') throw notFound(loaded.error.message);
  const task = archive.inspector.getTask(address.taskId);
  if (task === null) throw notFound(`task "${address.taskId}" was not restored`);
  await readChildren(archive, address.projectId, task);
  return task;
}

/** A child that was not kept is missing from the tree. */
async function readChildren(archive: TaskArchive, projectId: string, parent: TaskView): Promise<void> {
  for (const taskId of parent.child_task_ids) {
    await archive.checkpoints.loadCheckpoint({ projectId, taskId });
    const child = archive.inspector.getTask(taskId);
    if (child !== null) await readChildren(archive, projectId, child);
  }
}

function viewOf(inspector: Inspector, taskId: string): TaskView[] {
  const view = inspector.getTask(taskId);
  return view === null ? [] : [view];
}

function byCreation(one: TaskView, other: TaskView): number {
  return one.created_at < other.created_at ? -1 : Number(one.created_at > other.created_at);
}

function notFound(message: string): CliError {
  return new CliError('CLI_TASK_NOT_FOUND', message);
}
