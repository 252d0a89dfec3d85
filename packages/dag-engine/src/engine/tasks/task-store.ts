import { isoTime, type EngineClock, type EngineIds } from '../model/engine-ports.ts';
import { createJsonFreezer, type TextMapping } from '../model/frozen-json.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { LineageType, Task, TaskView } from '../model/task.ts';
import type { Lifecycle, Status } from '../model/vocabulary.ts';
import { changeLifecycle, changeOutput, changeStatus } from './change-task.ts';
import { childrenVerdict, isTerminal } from './children-verdict.ts';
import { cloneTask, rootTask, subtaskOf, type CloneOrigin, type SubtaskOrigin } from './create-task.ts';
import { snapshot } from './snapshot.ts';
import { createTaskSpec, type TaskRequest } from './task-spec.ts';

/**
 * Every task of an engine, by id and in creation order. Queries change nothing, not even
 * `updated_at`; changes of an unknown id do nothing.
 */
export class TaskStore {
  readonly #tasks = new Map<string, Task>();
  readonly #clock: EngineClock;
  readonly #ids: EngineIds;
  readonly #redact: TextMapping | undefined;

  constructor(ports: {
    readonly clock: EngineClock;
    readonly ids: EngineIds;
    /** Removes known secret values from views. */
    readonly redact?: TextMapping;
  }) {
    this.#clock = ports.clock;
    this.#ids = ports.ids;
    this.#redact = ports.redact;
  }

  createRoot(asked: TaskRequest): Task {
    const spec = createTaskSpec(`task_spec_${this.#ids.hex(8)}`, asked);
    const taskId = this.#unusedId(`task-${spec.task_spec_id}-${this.#ids.hex(8)}`);
    return this.restore(rootTask(spec, this.#now(), taskId));
  }

  createClone(parent: Task, origin: CloneOrigin): Task {
    return this.#adopt(parent, cloneTask(parent, origin, this.#now()));
  }

  createSubtask(parent: Task, origin: SubtaskOrigin): Task {
    return this.#adopt(parent, subtaskOf(parent, origin, this.#now()));
  }

  /** Takes in a task made elsewhere, from a checkpoint for example; the same id is replaced. */
  restore(task: Task): Task {
    this.#tasks.set(task.task_id, task);
    return task;
  }

  getTask(taskId: string): Task | undefined {
    return this.#tasks.get(taskId);
  }

  getAllTasks(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  getTasksByStatus(status: Status): readonly Task[] {
    return this.getAllTasks().filter((task) => task.status === status);
  }

  getTaskCount(): number {
    return this.#tasks.size;
  }

  /** In creation order; of an unknown id none. */
  getChildren(taskId: string): readonly Task[] {
    const ids = this.#tasks.get(taskId)?.child_task_ids ?? [];
    return ids.flatMap((id) => this.#tasks.get(id) ?? []);
  }

  /** A deeply frozen copy. */
  view(taskId: string): TaskView | undefined {
    const task = this.#tasks.get(taskId);
    if (task === undefined || this.#redact === undefined) return task && snapshot<TaskView>(task);
    return createJsonFreezer(this.#redact)(task) as JsonObject & TaskView;
  }

  /** Forgets the tasks that completed and says how many; checkpoints stay where they are. */
  clearCompletedTasks(): number {
    const completed = this.getTasksByStatus('completed');
    for (const task of completed) this.#tasks.delete(task.task_id);
    return completed.length;
  }

  /**
   * Forgets the tasks of runs that ended, however they ended, and says how many; checkpoints stay where they are.
   */
  clearConcludedTasks(): number {
    const before = this.#tasks.size;
    for (const task of this.getAllTasks()) {
      const isRoot = task.parent_task_id === null || !this.#tasks.has(task.parent_task_id);
      if (isRoot && task.lifecycle === 'concluded') this.#forgetLineage(task);
    }
    return before - this.#tasks.size;
  }

  updateTaskStatus(taskId: string, status: Status): void {
    const task = this.#tasks.get(taskId);
    if (task) changeStatus(task, status, this.#now());
  }

  updateTaskLifecycle(taskId: string, lifecycle: Lifecycle): void {
    const task = this.#tasks.get(taskId);
    if (task) changeLifecycle(task, lifecycle, this.#now());
  }

  updateTaskOutput(taskId: string, output: JsonValue): void {
    const task = this.#tasks.get(taskId);
    if (task) changeOutput(task, output, this.#now());
  }

  /** Whether a clone completed; the parent then has, too. Never says that the parent failed. */
  checkCloneCompletion(parentId: string): boolean {
    const done = this.#childrenOf(parentId, 'clone').some((clone) => clone.status === 'completed');
    if (done) this.updateTaskStatus(parentId, 'completed');
    return done;
  }

  /** Whether there are subtasks and all have ended; the parent then gets the status they make together. */
  checkSubtaskCompletion(parentId: string): boolean {
    const statuses = this.#childrenOf(parentId, 'subtask').map((subtask) => subtask.status);
    if (statuses.length === 0 || !statuses.every(isTerminal)) return false;
    this.updateTaskStatus(parentId, childrenVerdict('subtask', statuses));
    return true;
  }

  /** Whether there are subtasks and all completed; changes nothing. */
  allSubtasksSucceeded(parentId: string): boolean {
    const subtasks = this.#childrenOf(parentId, 'subtask');
    return subtasks.length > 0 && subtasks.every((subtask) => subtask.status === 'completed');
  }

  #forgetLineage({ task_id, child_task_ids }: Task): void {
    this.#tasks.delete(task_id);
    for (const id of child_task_ids) {
      const child = this.#tasks.get(id);
      if (child !== undefined) this.#forgetLineage(child);
    }
  }

  #childrenOf(parentId: string, type: LineageType): readonly Task[] {
    return this.getChildren(parentId).filter((child) => child.lineage_type === type);
  }

  #adopt(parent: Task, child: Task): Task {
    parent.child_task_ids.push(child.task_id);
    parent.updated_at = child.created_at;
    return this.restore(child);
  }

  /** Two runs stay apart even when the source of ids repeats itself. */
  #unusedId(wanted: string): string {
    let id = wanted;
    for (let number = 2; this.#tasks.has(id); number += 1) id = `${wanted}-${number}`;
    return id;
  }

  #now(): string {
    return isoTime(this.#clock);
  }
}
